/** Where the keyboard leads from a step: along its connections, and to what lies above and below. */
import { centerOf, nodeRectangle } from "@/graph/geometry";
import type { NodeTypes } from "@/graph/node-type";
import type { Structure } from "@/graph/structure";
import type { Position, Workflow } from "@/graph/workflow";

export type Direction = "left" | "right" | "up" | "down";

/** Every step once, each after those that lead to it; what goes in circles comes last. */
export function walkingOrder(workflow: Workflow, structure: Structure): readonly string[] {
  const sorted = new Set(structure.order);
  return [...structure.order, ...workflow.nodes.map((node) => node.id).filter((id) => !sorted.has(id))];
}

/** The nearest step in a direction: a connected one to the left and right, any one above and below. */
export function stepTowards(
  workflow: Workflow,
  types: NodeTypes,
  structure: Structure,
  id: string,
  direction: Direction,
): string | null {
  const centers = new Map(workflow.nodes.map((node) => [node.id, centerOf(nodeRectangle(node, types))]));
  const here = centers.get(id);
  if (here === undefined) return null;
  if (direction === "right")
    return closest(
      here,
      centers,
      structure.outgoing.get(id)?.map((one) => one.to),
    );
  if (direction === "left")
    return closest(
      here,
      centers,
      structure.incoming.get(id)?.map((one) => one.from),
    );
  const beyond = [...centers].filter(([other, at]) => other !== id && isBeyond(here, at, direction));
  return closest(
    here,
    centers,
    beyond.map(([other]) => other),
  );
}

function isBeyond(here: Position, there: Position, direction: "up" | "down"): boolean {
  const down = direction === "down" ? there.y - here.y : here.y - there.y;
  return down > 8 && Math.abs(there.x - here.x) < down + 160;
}

function closest(
  here: Position,
  centers: ReadonlyMap<string, Position>,
  candidates: readonly string[] = [],
): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const id of candidates) {
    const at = centers.get(id);
    if (at === undefined) continue;
    const distance = Math.abs(at.x - here.x) + 2 * Math.abs(at.y - here.y);
    if (distance < least) {
      least = distance;
      best = id;
    }
  }
  return best;
}
