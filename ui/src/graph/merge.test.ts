import { describe, expect, it } from "vitest";
import { connect } from "./commands/connections";
import { addNode, moveNodes, removeSelection, setNodeField, setParameters } from "./commands/nodes";
import { countDifferences, diff } from "./diff";
import { node, TYPES, workflow } from "./fixtures";
import { merge } from "./merge";
import { selectionOf } from "./selection";

const BASE = {
  ...workflow(
    [node("a", "trigger.manual"), node("b", "data.set", { limit: 5, list: [1, 2] }), node("c")],
    ["a > b", "b > c"],
  ),
  settings: { priority: 1 },
};
const set = (path: (string | number)[], value: string | number) =>
  setParameters("b", path, value, TYPES)(BASE);
const remove = (id: string) => removeSelection(selectionOf({ nodes: [id] }))(BASE);

describe("merge", () => {
  it("takes what only one has changed, down to single parameters", () => {
    const mine = set(["limit"], 6);
    const theirs = { ...set(["list", 1], 3), name: "Other", settings: { priority: 1, max_concurrent: 2 } };
    const { merged, conflicts } = merge(BASE, mine, theirs);
    expect(conflicts).toEqual([]);
    expect(merged).toEqual({
      ...BASE,
      name: "Other",
      settings: { priority: 1, max_concurrent: 2 },
      nodes: [BASE.nodes[0], node("b", "data.set", { limit: 6, list: [1, 3] }), BASE.nodes[2]],
    });
  });

  it("asks about what both have changed, and takes what is chosen", () => {
    const mine = set(["limit"], 6);
    const theirs = set(["limit"], 7);
    const { merged, conflicts } = merge(BASE, mine, theirs);
    expect(merged).toEqual(mine);
    expect(conflicts).toMatchObject([
      {
        path: ["nodes", "b", "parameters", "limit"],
        what: "Parameter “limit” of “b”",
        base: 5,
        mine: 6,
        theirs: 7,
      },
    ]);
    expect(merge(BASE, mine, theirs, new Map([[conflicts[0]?.key ?? "", "theirs"]])).merged).toEqual(theirs);
  });

  it("does not ask about the same change, nor about places on the canvas", () => {
    const at = (x: number) => moveNodes(new Map([["b", { x, y: 0 }]]))(set(["limit"], 6));
    const { merged, conflicts } = merge(BASE, at(1), at(2));
    expect(conflicts).toEqual([]);
    expect(merged).toEqual(at(1));
  });

  it("takes what is not said for the default", () => {
    const mine = setNodeField("b", "on_error", "stop")(BASE);
    const theirs = setNodeField("b", "on_error", "branch")(BASE);
    expect(merge(BASE, mine, theirs)).toEqual({ merged: theirs, conflicts: [] });
  });

  it("asks when one has removed what the other has changed or connected", () => {
    const changed = setNodeField("c", "name", "Last")(BASE);
    const first = merge(BASE, remove("c"), changed);
    expect(first.conflicts).toMatchObject([{ path: ["nodes", "c"], what: "Node “Last”", mine: undefined }]);
    expect(first.merged).toEqual(remove("c"));
    const connected = connect(
      { node: "d", port: "out" },
      { node: "c", port: "in" },
    )(addNode(node("d"))(BASE));
    const second = merge(BASE, remove("c"), connected);
    expect(second.conflicts).toHaveLength(1);
    expect(second.merged.connections).toHaveLength(1);
    const chosen = merge(BASE, remove("c"), connected, new Map([[second.conflicts[0]?.key ?? "", "theirs"]]));
    expect(chosen.merged).toEqual(connected);
  });

  it("lets go what one has removed and the other has not touched", () => {
    const { merged, conflicts } = merge(BASE, set(["limit"], 6), remove("c"));
    expect(conflicts).toEqual([]);
    expect(merged.nodes.map(({ id }) => id)).toEqual(["a", "b"]);
    expect(merged.connections).toHaveLength(1);
  });
});

describe("diff", () => {
  it("tells what came, went, changed and moved", () => {
    let after = set(["limit"], 6);
    after = moveNodes(new Map([["a", { x: 9, y: 9 }]]))(after);
    after = { ...addNode(node("d"))(removeSelection(selectionOf({ nodes: ["c"] }))(after)), settings: {} };
    const found = diff(BASE, after);
    expect(found.nodes.added.map(({ id }) => id)).toEqual(["d"]);
    expect(found.nodes.removed.map(({ id }) => id)).toEqual(["c"]);
    expect(found.nodes.changed.map(({ values }) => values)).toEqual([
      [{ path: ["parameters", "limit"], before: 5, after: 6 }],
    ]);
    expect(found.moved.map(({ after: { id } }) => id)).toEqual(["a"]);
    expect(found.connections.removed).toHaveLength(1);
    expect(found.values).toEqual([{ path: ["settings", "priority"], before: 1, after: undefined }]);
    expect(countDifferences(found)).toBe(6);
    expect(countDifferences(diff(BASE, structuredClone(BASE)))).toBe(0);
  });
});
