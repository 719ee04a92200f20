import { describe, expect, it } from "vitest";
import type { NodeType } from "@/graph/node-type";
import type { JsonObject } from "@/graph/workflow";
import { tellingLine } from "./telling";

function line(parameters: JsonObject, properties: JsonObject, required: string[] = []): string {
  const type = { parameters: { properties, required } } as unknown as NodeType;
  return tellingLine({ id: "a", type: "any", parameters }, type);
}

describe("the telling line of a node", () => {
  it("begins with what is done, and goes on with what it is done to", () => {
    const properties = { timeout: {}, method: { enum: ["GET", "POST"] }, url: {} };
    expect(line({ timeout: 3, method: "POST", url: "https://a.test" }, properties, ["url"])).toBe(
      "POST https://a.test",
    );
  });

  it("shows an expression without its braces, and only the first line of a text", () => {
    expect(line({ items: "{{ range(20) }}" }, { items: {} })).toBe("range(20)");
    expect(line({ code: "a = 1\nb = 2" }, { code: {} })).toBe("a = 1");
  });

  it("names the parts of a list and of an object", () => {
    expect(line({ by: [{ value: "item.price" }, { value: "item.name" }] }, { by: {} })).toBe(
      "item.price, item.name",
    );
    expect(line({ output: { a: 1, b: 2 } }, { output: {} })).toBe("a, b");
  });

  it("leaves out the id of something, and tells what that is given", () => {
    const id = "019a0000-0000-7000-8000-000000000002";
    const properties = { workflow_id: {}, input: {} };
    expect(line({ workflow_id: id, input: "{{ item }}" }, properties, ["workflow_id"])).toBe("item");
    expect(line({ workflow_id: id }, properties, ["workflow_id"])).toBe("");
  });

  it("is empty when nothing is set", () => {
    expect(line({ on: true, other: "" }, { on: {}, other: {} })).toBe("");
  });
});
