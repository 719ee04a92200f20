/** The double click: on the empty canvas it adds a step there, on a connection one between its ends. */
import { useReactFlow } from "@xyflow/react";
import { type MouseEvent, useCallback } from "react";
import { NODE_WIDTH } from "@/graph/geometry";
import type { FlowEdge, FlowNode } from "@/shared/graph-view/elements";
import { useEditorStore } from "../store";
import { useCanvasStore } from "./canvas-state";

export function useDoubleClick() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const { screenToFlowPosition } = useReactFlow<FlowNode, FlowEdge>();

  const onDoubleClick = useCallback(
    (event: MouseEvent) => {
      const onPane = event.target instanceof Element && event.target.matches(".react-flow__pane");
      if (!onPane || store.getState().readOnly) return;
      const at = { x: event.clientX, y: event.clientY };
      const { x, y } = screenToFlowPosition(at);
      // What is added has its middle where was clicked.
      const position = { x: x - NODE_WIDTH / 2, y: y - 32 };
      canvas.setState({ adding: { at, intent: { kind: "free", position } } });
    },
    [store, canvas, screenToFlowPosition],
  );

  const onEdgeDoubleClick = useCallback(
    (event: MouseEvent, { id }: FlowEdge) => {
      if (store.getState().readOnly) return;
      const at = { x: event.clientX, y: event.clientY };
      canvas.setState({ adding: { at, intent: { kind: "on", connection: id } } });
    },
    [store, canvas],
  );

  return { onDoubleClick, onEdgeDoubleClick };
}
