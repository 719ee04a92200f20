/** Where a box that is dragged comes to rest: in line with others near by, else on the grid; and the lines to show. */

import { GRID, type Rectangle } from "@/graph/geometry";
import type { Position } from "@/graph/workflow";

export interface Guide {
  readonly axis: "x" | "y";
  /** Where the line is on its axis, and from where to where it goes on the other one. */
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

interface Settled extends Position {
  readonly guides: readonly Guide[];
}

/** `reach` is how near two edges must be to be put in line. */
export function settle(box: Rectangle, others: readonly Rectangle[], reach: number): Settled {
  const across = nearest(box, others, "x", reach);
  const down = nearest(box, others, "y", reach);
  const x = across === null ? onGrid(box.x) : box.x + across;
  const y = down === null ? onGrid(box.y) : box.y + down;
  const placed = { ...box, x, y };
  return {
    x,
    y,
    guides: [
      ...(across === null ? [] : guidesAt(placed, others, "x")),
      ...(down === null ? [] : guidesAt(placed, others, "y")),
    ],
  };
}

function onGrid(value: number): number {
  return Math.round(value / GRID) * GRID;
}

/** Both edges and the middle. */
function linesOf(box: Rectangle, axis: "x" | "y"): readonly [number, number, number] {
  const size = axis === "x" ? box.width : box.height;
  return [box[axis], box[axis] + size / 2, box[axis] + size];
}

function nearest(
  box: Rectangle,
  others: readonly Rectangle[],
  axis: "x" | "y",
  reach: number,
): number | null {
  let best: number | null = null;
  const own = linesOf(box, axis);
  for (const other of others) {
    const lines = linesOf(other, axis);
    for (const place of [0, 1, 2] as const) {
      const by = lines[place] - own[place];
      if (Math.abs(by) <= reach && (best === null || Math.abs(by) < Math.abs(best))) best = by;
    }
  }
  return best;
}

function guidesAt(box: Rectangle, others: readonly Rectangle[], axis: "x" | "y"): Guide[] {
  const own = linesOf(box, axis);
  const guides: Guide[] = [];
  for (const place of [0, 1, 2] as const) {
    const inLine = others.filter((other) => Math.abs(linesOf(other, axis)[place] - own[place]) < 0.5);
    if (inLine.length > 0) guides.push(lineThrough([box, ...inLine], axis, own[place]));
  }
  return guides;
}

function lineThrough(boxes: readonly Rectangle[], axis: "x" | "y", at: number): Guide {
  const from = boxes.map((box) => (axis === "x" ? box.y : box.x));
  const to = boxes.map((box) => (axis === "x" ? box.y + box.height : box.x + box.width));
  return { axis, at, from: Math.min(...from), to: Math.max(...to) };
}
