import { describe, expect, it } from "vitest";
import type { PreviewAnswer } from "./api";
import { type PreviewPlace, previewBody, readPreview } from "./preview";

const place: PreviewPlace = {
  workflowId: "w",
  nodeId: "n",
  context: { rate: 2 },
  names: new Set(["input", "rate"]),
  own: new Map([["item", { name: "item", help: "", value: { price: 5 } }]]),
};
const asked = (text: string, names: string[] = []) => ({ text, mode: "expression" as const, names });

function refused(name: string, remedy = ""): PreviewAnswer {
  return {
    value: null,
    error: { code: "EXPRESSION_NAME_MISSING", message: "There is no name.", remedy, position: 3, path: [] },
    names: [{ name, node_id: null, position: 0 }],
    source: null,
  };
}

describe("a preview", () => {
  it("is asked with what the editor knows better, and with a sample of what the node gives", () => {
    expect(previewBody(asked("item.price", ["item", "index"]), place)).toEqual({
      workflow_id: "w",
      node_id: "n",
      expression: "item.price",
      context: { rate: 2, item: { price: 5 } },
    });
    expect(previewBody({ text: "{{ a }}", mode: "template", names: [] }, { ...place, nodeId: null })).toEqual(
      {
        workflow_id: "w",
        template: "{{ a }}",
        context: { rate: 2 },
      },
    );
  });

  it("says nothing of names that have no value before a run", () => {
    expect(readPreview(refused("input"), asked("input.a"), place)).toBeNull();
    expect(readPreview(refused("response"), asked("response.a", ["response"]), place)).toBeNull();
  });

  it("names what was meant where a name is wrong", () => {
    const found = readPreview(refused("inptu", "Did you mean 'input'?"), asked("inptu"), place);
    expect(found).toMatchObject({ ok: false, position: 3, closest: "input" });
  });
});
