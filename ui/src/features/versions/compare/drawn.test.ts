import { expect, it } from "vitest";
import { connectionId } from "@/graph/connections";
import { diff } from "@/graph/diff";
import type { Workflow } from "@/graph/workflow";
import { drawnDifference } from "./drawn";

const node = (id: string, parameters = {}) => ({ id, type: "t", position: { x: 0, y: 0 }, parameters });

it("draws what went beside what is there, and marks both", () => {
  const before: Workflow = {
    name: "w",
    nodes: [node("a"), node("b"), node("gone")],
    connections: [
      { from: "a", to: "b" },
      { from: "a", to: "gone" },
    ],
  };
  const after: Workflow = {
    name: "w",
    nodes: [node("a"), node("b", { x: 1 }), node("new")],
    connections: [{ from: "a", to: "new" }],
  };
  const { workflow, marks } = drawnDifference(after, diff(before, after));
  expect(workflow.nodes.map(({ id }) => id)).toEqual(["a", "b", "new", "gone"]);
  expect(workflow.connections).toHaveLength(3);
  expect(Object.fromEntries(marks)).toEqual({
    new: "added",
    gone: "removed",
    b: "changed",
    [connectionId({ from: "a", to: "new" })]: "added",
    [connectionId({ from: "a", to: "b" })]: "removed",
    [connectionId({ from: "a", to: "gone" })]: "removed",
  });
});
