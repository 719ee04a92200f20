import { describe, expect, it } from "vitest";
import { readUpload } from "./read-upload";

const file = (text: string) => new File([text], "flow.json");

describe("a file of a workflow", () => {
  it("is JSON with an object in it", async () => {
    expect(await readUpload(file('{"name": "w"}'))).toEqual({ name: "w" });
  });

  it.each(["no json", "[1]", "null", "3"])("is not %s", async (text) => {
    await expect(readUpload(file(text))).rejects.toThrow("“flow.json”");
  });
});
