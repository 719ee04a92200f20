/** What the editor knows of steps beside the workflow, as the drawing shows it. */
import { useEffect, useState } from "react";
import type { Problem } from "@/graph/problems";
import { createDrawing, type DrawingStore, type DrawnProblem } from "@/shared/graph-view/drawing";
import { useEditor } from "../store";

export function useCanvasDrawing(breakpoints: ReadonlySet<string>): DrawingStore {
  const nodeTypes = useEditor((state) => state.nodeTypes);
  const runStates = useEditor((state) => state.runStates);
  const problems = useEditor((state) => state.problems);
  const [drawing] = useState(() => createDrawing(nodeTypes));
  useEffect(() => drawing.setState({ nodeTypes }), [drawing, nodeTypes]);
  useEffect(() => drawing.setState({ runStates }), [drawing, runStates]);
  useEffect(() => drawing.setState({ problems: byNode(problems) }), [drawing, problems]);
  useEffect(() => drawing.setState({ breakpoints }), [drawing, breakpoints]);
  return drawing;
}

function byNode(problems: readonly Problem[]): ReadonlyMap<string, readonly DrawnProblem[]> {
  const found = new Map<string, DrawnProblem[]>();
  for (const { node, severity, message } of problems) {
    if (!node) continue;
    const known = found.get(node);
    if (known) known.push({ severity, message });
    else found.set(node, [{ severity, message }]);
  }
  return found;
}
