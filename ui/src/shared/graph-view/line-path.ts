/** How a connection is drawn: a curve, or along its way around steps; and where its middle is. */
import { getBezierPath, getSmoothStepPath, Position } from "@xyflow/react";
import type { Route } from "@/graph/routes";
import type { Position as Place } from "@/graph/workflow";

export interface LinePath {
  readonly path: string;
  readonly middle: Place;
}

const ROUND = 12;
/** The arrow begins there. */
const HEAD = 6;

/** A way that belongs to other ends, as while a step is dragged, does not count. */
export function linePath(from: Place, to: Place, route: Route | undefined, head = HEAD): LinePath {
  if (route && fits(route, from, to)) return { path: rounded(route, head), middle: middleOf(route) };
  const ends = {
    sourceX: from.x,
    sourceY: from.y,
    sourcePosition: Position.Right,
    targetX: to.x - head,
    targetY: to.y,
    targetPosition: Position.Left,
  };
  const [path, x, y] =
    to.x < from.x
      ? getSmoothStepPath({ ...ends, borderRadius: 14, offset: 22 })
      : getBezierPath({ ...ends, curvature: 0.3 });
  return { path, middle: { x, y } };
}

function fits(route: Route, from: Place, to: Place): boolean {
  const [first, last] = [route[0], route.at(-1)];
  return first !== undefined && last !== undefined && isNear(first, from) && isNear(last, to);
}

function isNear(one: Place, other: Place): boolean {
  return Math.abs(one.x - other.x) < 1 && Math.abs(one.y - other.y) < 1;
}

function rounded(route: Route, head: number): string {
  const parts: string[] = [];
  route.forEach((point, place) => {
    const [before, after] = [route[place - 1], route[place + 1]];
    if (before === undefined) parts.push(`M${point.x},${point.y}`);
    else if (after === undefined) parts.push(`L${point.x - head},${point.y}`);
    else {
      const round = Math.min(ROUND, length(before, point) / 2, length(point, after) / 2);
      const [begin, end] = [towards(point, before, round), towards(point, after, round)];
      parts.push(`L${begin.x},${begin.y}Q${point.x},${point.y} ${end.x},${end.y}`);
    }
  });
  return parts.join("");
}

function length(one: Place, other: Place): number {
  return Math.abs(one.x - other.x) + Math.abs(one.y - other.y);
}

function towards(from: Place, to: Place, by: number): Place {
  return { x: from.x + Math.sign(to.x - from.x) * by, y: from.y + Math.sign(to.y - from.y) * by };
}

/** That of its longest piece. */
function middleOf(route: Route): Place {
  let longest = 0;
  let middle: Place = route[0] ?? { x: 0, y: 0 };
  route.slice(1).forEach((to, place) => {
    const from = route[place] ?? to;
    if (length(from, to) <= longest) return;
    longest = length(from, to);
    middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  });
  return middle;
}
