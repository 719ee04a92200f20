/** Putting nodes in line: aligned, evenly spread, on the grid. */
import { GRID, nodeRectangle, positionOf, type Rectangle, snapped } from "../geometry";
import type { NodeTypes } from "../node-type";
import type { Position, Workflow } from "../workflow";
import { type Command, moveNodes } from "./nodes";

export type Edge = "left" | "center" | "right" | "top" | "middle" | "bottom";
export type Axis = "horizontal" | "vertical";

interface Placed extends Rectangle {
  readonly id: string;
}

type Bounds = { readonly from: number; readonly to: number };

export const align =
  (ids: ReadonlySet<string>, edge: Edge, types: NodeTypes): Command =>
  (workflow) => {
    const placed = placedNodes(workflow, ids, types);
    if (placed.length < 2) return workflow;
    const across = boundsOf(placed, "horizontal");
    const down = boundsOf(placed, "vertical");
    return moveNodes(new Map(placed.map((one) => [one.id, aligned(one, edge, across, down)])))(workflow);
  };

function aligned({ x, y, width, height }: Placed, edge: Edge, across: Bounds, down: Bounds): Position {
  switch (edge) {
    case "left":
      return { x: across.from, y };
    case "center":
      return { x: (across.from + across.to - width) / 2, y };
    case "right":
      return { x: across.to - width, y };
    case "top":
      return { x, y: down.from };
    case "middle":
      return { x, y: (down.from + down.to - height) / 2 };
    case "bottom":
      return { x, y: down.to - height };
  }
}

/** The same space between each two; the outermost stay. */
export const distribute =
  (ids: ReadonlySet<string>, axis: Axis, types: NodeTypes): Command =>
  (workflow) => {
    const placed = placedNodes(workflow, ids, types).toSorted(
      (one, other) => startOf(one, axis) - startOf(other, axis),
    );
    if (placed.length < 3) return workflow;
    const { from, to } = boundsOf(placed, axis);
    const taken = placed.reduce((sum, one) => sum + lengthOf(one, axis), 0);
    const space = (to - from - taken) / (placed.length - 1);
    const positions = new Map<string, Position>();
    let next = from;
    for (const one of placed) {
      positions.set(one.id, axis === "horizontal" ? { x: next, y: one.y } : { x: one.x, y: next });
      next += lengthOf(one, axis) + space;
    }
    return moveNodes(positions)(workflow);
  };

export const snap =
  (ids: ReadonlySet<string>, grid = GRID): Command =>
  (workflow) => {
    const chosen = workflow.nodes.filter((node) => ids.has(node.id));
    return moveNodes(new Map(chosen.map((node) => [node.id, snapped(positionOf(node), grid)])))(workflow);
  };

function placedNodes(workflow: Workflow, ids: ReadonlySet<string>, types: NodeTypes): Placed[] {
  return workflow.nodes
    .filter((node) => ids.has(node.id))
    .map((node) => ({ id: node.id, ...nodeRectangle(node, types) }));
}

function startOf(one: Rectangle, axis: Axis): number {
  return axis === "horizontal" ? one.x : one.y;
}

function lengthOf(one: Rectangle, axis: Axis): number {
  return axis === "horizontal" ? one.width : one.height;
}

function boundsOf(placed: readonly Rectangle[], axis: Axis): Bounds {
  return {
    from: Math.min(...placed.map((one) => startOf(one, axis))),
    to: Math.max(...placed.map((one) => startOf(one, axis) + lengthOf(one, axis))),
  };
}
