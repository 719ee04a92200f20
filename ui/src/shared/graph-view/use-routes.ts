/** Finds the ways of connections around steps, when the drawing has come to rest: while something is dragged, nothing is. */
import { useLayoutEffect, useRef } from "react";
import { sourceOf } from "@/graph/connections";
import type { Rectangle } from "@/graph/geometry";
import { type Obstacle, type Routes, routesOf, type Wanted } from "@/graph/routes";
import { loopsAround, type Structure } from "@/graph/structure";
import type { Position } from "@/graph/workflow";
import type { DrawingStore } from "./drawing";
import type { FlowEdge, FlowNode, StepElement } from "./elements";
import { regionBoxes } from "./regions";

/** For larger drawings they are found a moment later, and what is seen first has none. */
const FEW = 200;
const MOMENT = 60;

export function useRoutes(
  drawing: DrawingStore,
  nodes: readonly FlowNode[],
  edges: readonly FlowEdge[],
  structure: Structure,
): void {
  const known = useRef("");
  useLayoutEffect(() => {
    const steps = nodes.filter((node) => node.type === "step");
    const placed = placesOf(steps, edges);
    if (placed === known.current) return;
    const find = () => {
      known.current = placed;
      drawing.setState({ routes: waysOf(steps, edges, structure) });
    };
    if (edges.length <= FEW) return find();
    const timer = setTimeout(find, MOMENT);
    return () => clearTimeout(timer);
  }, [drawing, nodes, edges, structure]);
}

/** The same text for drawings in which all ways are the same. */
function placesOf(steps: readonly StepElement[], edges: readonly FlowEdge[]): string {
  const boxes = steps.map(({ id, position, height }) => `${id} ${position.x} ${position.y} ${height}`);
  return `${boxes.join("\n")}\n\n${edges.map(({ id }) => id).join("\n")}`;
}

function waysOf(steps: readonly StepElement[], edges: readonly FlowEdge[], structure: Structure): Routes {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const boxes = new Map(steps.map((step) => [step.id, boxOf(step)]));
  const wanted = edges.flatMap((edge) => {
    const [source, target] = [byId.get(edge.source), byId.get(edge.target)];
    const one = source && target && wantedOf(edge, source, target);
    return one ? [one] : [];
  });
  return routesOf(wanted, [...boxes.values(), ...bodies(structure, boxes)]);
}

function boxOf({ position, width = 0, height = 0 }: StepElement): Rectangle {
  return { ...position, width, height };
}

function wantedOf(edge: FlowEdge, source: StepElement, target: StepElement): Wanted | null {
  const [from, to] = [
    portAt(source, "source", edge.sourceHandle),
    portAt(target, "target", edge.targetHandle),
  ];
  if (from === null || to === null || !edge.data) return null;
  const { port } = sourceOf(edge.data.connection);
  const above = source.data.outputs.findIndex((one) => one.name === port);
  const below = source.data.outputs.length - 1 - above;
  return { id: edge.id, source: source.id, target: target.id, from, to, above, below };
}

/** Where a connection begins or ends: at the outer side of the port's dot. */
function portAt(
  { position, handles }: StepElement,
  type: "source" | "target",
  id: string | null | undefined,
): Position | null {
  const handle = handles?.find((one) => one.type === type && one.id === id);
  if (!handle) return null;
  const { x, y, width = 0, height = 0 } = handle;
  return { x: position.x + x + (type === "source" ? width : 0), y: position.y + y + height / 2 };
}

function bodies(structure: Structure, boxes: ReadonlyMap<string, Rectangle>): Obstacle[] {
  if (structure.bodies.size === 0) return [];
  const inside = new Map<string, Set<string>>([...structure.bodies.keys()].map((loop) => [loop, new Set()]));
  for (const id of boxes.keys()) for (const loop of loopsAround(structure, id)) inside.get(loop)?.add(id);
  return regionBoxes(structure, (id) => boxes.get(id)).map(({ loop, x, y, width, height }) => ({
    x,
    y,
    width,
    height,
    except: inside.get(loop) ?? new Set(),
  }));
}
