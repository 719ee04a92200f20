/** The bodies of loops as rectangles: each around its nodes, and around the bodies within. */
import { around, type Rectangle } from "@/graph/geometry";
import type { Structure } from "@/graph/structure";

export interface RegionBox extends Rectangle {
  readonly loop: string;
  readonly depth: number;
}

const PADDING = 16;
/** Above the nodes, for the title. */
const HEADING = 22;

/** Outer ones first. A loop with nothing in its body has none. */
export function regionBoxes(
  structure: Structure,
  rectangleOf: (node: string) => Rectangle | undefined,
): RegionBox[] {
  const boxes = new Map<string, RegionBox>();
  const loops = [...structure.bodies.keys()].toSorted(
    (one, other) => depth(structure, other) - depth(structure, one),
  );
  for (const loop of loops) {
    const inner = (structure.bodies.get(loop) ?? []).flatMap((id) => [rectangleOf(id), boxes.get(id)]);
    const box = around(inner.filter((one) => one !== undefined));
    if (box === null) continue;
    boxes.set(loop, {
      loop,
      depth: depth(structure, loop),
      x: box.x - PADDING,
      y: box.y - PADDING - HEADING,
      width: box.width + 2 * PADDING,
      height: box.height + 2 * PADDING + HEADING,
    });
  }
  return [...boxes.values()].reverse();
}

function depth(structure: Structure, loop: string): number {
  return structure.depthOf.get(loop) ?? 0;
}
