import { describe, expect, it } from "vitest";
import { moveNodes } from "./commands/nodes";
import { node, TYPES, workflow } from "./fixtures";
import { NODE_WIDTH } from "./geometry";
import { arrange, isUnplaced, type LaidOut, layoutGraph, placesFrom, withoutLooseEdges } from "./layout";

const LOOPED = workflow(
  [node("start", "trigger.manual"), node("each", "loop.foreach"), node("step"), node("after")],
  ["start > each", "each.body > step", "each.done > after", "step.gone > after"],
);

describe("layout", () => {
  it("puts the body of a loop into a box of its own", () => {
    const graph = layoutGraph(LOOPED, TYPES);
    expect(graph.children?.map(({ id }) => id)).toEqual(["start", "each", "body of each", "after"]);
    expect(graph.children?.[2]?.children?.map(({ id }) => id)).toEqual(["step"]);
    expect(withoutLooseEdges(graph).edges).toHaveLength(3);
  });

  it("lays out the chosen nodes alone, whatever loop they are in", () => {
    const graph = layoutGraph(LOOPED, TYPES, new Set(["step", "after"]));
    expect(graph.children?.map(({ id }) => id)).toEqual(["step", "after"]);
  });

  it("adds up the places of boxes, and keeps the upper left corner", () => {
    const placed = {
      ...LOOPED,
      nodes: LOOPED.nodes.map((one) => ({ ...one, position: { x: 160, y: 320 } })),
    };
    const laidOut: LaidOut = {
      id: "workflow",
      children: [
        { id: "start", x: 16, y: 16 },
        { id: "body of each", x: 400, y: 0, children: [{ id: "step", x: 32, y: 48 }] },
      ],
    };
    expect(placesFrom(laidOut, placed, TYPES)).toEqual(
      new Map([
        ["start", { x: 160, y: 320 }],
        ["step", { x: 576, y: 352 }],
      ]),
    );
  });

  it("keeps straight what is straight from port to port", () => {
    const laidOut: LaidOut = {
      id: "workflow",
      children: [
        { id: "each", x: 0, y: 7 },
        { id: "after", x: 300, y: 63 },
      ],
    };
    const places = placesFrom(laidOut, LOOPED, TYPES);
    expect((places.get("after")?.y ?? 0) - (places.get("each")?.y ?? 0)).toBe(56);
  });

  it("keeps groups around what is in them", () => {
    const group = {
      id: "g",
      title: "",
      position: { x: -50, y: -50 },
      width: 400,
      height: 300,
      color: "gray",
    };
    const grouped = { ...LOOPED, annotations: { groups: [group] } };
    const moved = arrange(new Map([["start", { x: 1000, y: 0 }]]), TYPES)(grouped);
    expect(moved.annotations?.groups?.[0]).toMatchObject({
      position: { x: -32, y: -72 },
      width: 1064 + NODE_WIDTH,
    });
  });

  it("tells a workflow that nobody has drawn from one with places", () => {
    const heap = { ...LOOPED, nodes: LOOPED.nodes.map((node) => ({ ...node, position: { x: 0, y: 0 } })) };
    expect(isUnplaced(heap)).toBe(true);
    expect(isUnplaced(moveNodes(new Map([["start", { x: 16, y: 0 }]]))(heap))).toBe(false);
    expect(isUnplaced({ ...heap, nodes: heap.nodes.slice(0, 1) })).toBe(false);
  });

  it("knows no type by name", () => {
    const sources = import.meta.glob("./**/!(*.test|fixtures).ts", {
      query: "?raw",
      eager: true,
      import: "default",
    });
    for (const name of TYPES.keys()) {
      expect(Object.values(sources).filter((source) => String(source).includes(`"${name}"`))).toEqual([]);
    }
  });
});
