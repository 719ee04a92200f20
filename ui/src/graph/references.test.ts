import { describe, expect, it } from "vitest";
import { TYPES } from "./fixtures";
import { nodesIn, referenceTo, renameInExpression, renameInParameters, renameInTemplate } from "./references";

const RENAMES = new Map([
  ["old", "new"],
  ["dashed", "with-dash"],
]);

describe("references", () => {
  it.each([
    ["nodes.old.total + 1", "nodes.new.total + 1"],
    ["nodes['old'].x", "nodes.new.x"],
    ['nodes["old"].x + nodes . old', "nodes.new.x + nodes.new"],
    ["nodes.dashed.x", "nodes['with-dash'].x"],
    ["nodes.older + item.nodes.old + my_nodes.old", "nodes.older + item.nodes.old + my_nodes.old"],
    ["'nodes.old' + \"it's nodes.old\"", "'nodes.old' + \"it's nodes.old\""],
    ["execution.resume_urls.old", "execution.resume_urls.new"],
  ])("are found in %s", (before, after) => {
    expect(renameInExpression(before, RENAMES)).toBe(after);
  });

  it("are found in the braces of a template only", () => {
    expect(renameInTemplate("nodes.old {{ nodes.old }} {{ '}} nodes.old' + nodes.old }}", RENAMES)).toBe(
      "nodes.old {{ nodes.new }} {{ '}} nodes.old' + nodes.new }}",
    );
  });

  it("are rewritten where the schema says that there are any", () => {
    const parameters = {
      value: { deep: ["{{ nodes.old }}", 5] },
      condition: "nodes.old > 1",
      plain: "{{ nodes.old }}",
      rules: [{ when: "nodes.old" }],
    };
    expect(renameInParameters(parameters, TYPES.get("data.set"), RENAMES)).toEqual({
      value: { deep: ["{{ nodes.new }}", 5] },
      condition: "nodes.new > 1",
      plain: "{{ nodes.old }}",
      rules: [{ when: "nodes.new" }],
    });
    expect(renameInParameters({ nodes: ["old", "x"] }, TYPES.get("flow.handler"), RENAMES)).toEqual({
      nodes: ["new", "x"],
    });
    const untouched = { value: { deep: ["{{ nodes.other }}"] } };
    expect(renameInParameters(untouched, TYPES.get("data.set"), RENAMES)).toBe(untouched);
  });

  it("are listed and written", () => {
    expect([...nodesIn("nodes.a.x + nodes['b-c'] + 'nodes.d'")]).toEqual(["a", "b-c"]);
    expect(referenceTo("b-c")).toBe("nodes['b-c']");
  });
});
