/** What is seen of a drawing from afar, where its steps are now: also while they are dragged. */
import { useStore } from "@xyflow/react";
import { useMemo } from "react";
import { useDrawing } from "./drawing";
import type { FlowEdge, FlowNode } from "./elements";
import { farLines } from "./far-lines";
import { type FarDrawing, farDrawing } from "./paint-far";

/** By look: one path for all connections of that look. */
export function useFarLines(placed: PlacedElements, edges: readonly FlowEdge[]): ReadonlyMap<string, string> {
  const runStates = useDrawing((drawing) => drawing.runStates);
  const problems = useDrawing((drawing) => drawing.problems);
  const routes = useDrawing((drawing) => drawing.routes);
  return useMemo(
    () => farLines(placed, edges, { runStates, problems, routes }),
    [placed, edges, runStates, problems, routes],
  );
}

export function useFarDrawing(nodes: readonly FlowNode[], edges: readonly FlowEdge[]): FarDrawing {
  const placed = usePlacedElements(nodes);
  const lines = useFarLines(placed, edges);
  const runStates = useDrawing((drawing) => drawing.runStates);
  const problems = useDrawing((drawing) => drawing.problems);
  const marks = useDrawing((drawing) => drawing.marks);
  return useMemo(
    () => farDrawing(placed.values(), lines, { runStates, problems, marks }),
    [placed, lines, runStates, problems, marks],
  );
}

type PlacedElements = ReadonlyMap<string, FlowNode>;

export function usePlacedElements(nodes: readonly FlowNode[]): PlacedElements {
  // Another map while steps are dragged.
  const placed = useStore((state) => state.nodeLookup);
  return useMemo(() => {
    const now = (node: FlowNode) => {
      const position = placed.get(node.id)?.position ?? node.position;
      return position === node.position ? node : ({ ...node, position } as FlowNode);
    };
    return new Map(nodes.map((node) => [node.id, now(node)]));
  }, [nodes, placed]);
}
