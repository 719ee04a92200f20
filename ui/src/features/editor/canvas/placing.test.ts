import { describe, expect, it } from "vitest";
import { connectionId } from "@/graph/connections";
import { workflow as make, node, TYPES } from "@/graph/fixtures";
import type { NodeType } from "@/graph/node-type";
import { fits, placeStep } from "./placing";

const at = (id: string, x: number, y = 0) => ({ ...node(id), position: { x, y } });
const type = TYPES.get("data.set") as NodeType;
const trigger = [...TYPES.values()].find((one) => one.role === "trigger") as NodeType;
const lines = (workflow: { connections: readonly { from: string; to: string }[] }) =>
  workflow.connections.map(({ from, to }) => `${from} > ${to}`);

describe("a new step", () => {
  it("comes right of the one it follows, below what lies there", () => {
    const workflow = make([at("a", 0), at("b", 264)], ["a > b"]);
    const placed = placeStep(workflow, TYPES, type, { kind: "after", end: { node: "a", port: "out" } });
    expect(placed.workflow.nodes.at(-1)?.position).toEqual({ x: 272, y: 96 });
    expect(lines(placed.workflow)).toEqual(["a > b", `a > ${placed.id}`]);
  });

  it("makes room between two others when it is put on their connection", () => {
    const workflow = make(
      [at("a", 0), at("b", 240), at("c", 480), at("aside", 480, 300)],
      ["a > b", "b > c"],
    );
    const first = workflow.connections[0];
    if (!first) throw new Error("There is one.");
    const placed = placeStep(workflow, TYPES, type, { kind: "on", connection: connectionId(first) });
    expect(lines(placed.workflow).sort()).toEqual([`a > ${placed.id}`, "b > c", `${placed.id} > b`].sort());
    const x = Object.fromEntries(placed.workflow.nodes.map((one) => [one.id, one.position?.x]));
    expect(x).toMatchObject({ a: 0, b: 528, c: 768, aside: 480, [placed.id]: 272 });
  });

  it("must take what it follows, and give what it leads to", () => {
    expect(fits(trigger, { kind: "after", end: { node: "a", port: "out" } })).toBe(false);
    expect(fits(trigger, { kind: "free", position: { x: 0, y: 0 } })).toBe(true);
    expect(fits(type, { kind: "on", connection: "x" })).toBe(true);
  });
});
