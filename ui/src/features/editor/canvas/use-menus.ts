/** The right click, on whatever it hits. */
import { useReactFlow } from "@xyflow/react";
import { type MouseEvent as ReactMouseEvent, useCallback } from "react";
import { selectionOf } from "@/graph/selection";
import { annotationIdOf, type FlowEdge, type FlowNode } from "@/shared/graph-view/elements";
import { useEditorStore } from "../store";
import { type MenuSubject, useCanvasStore } from "./canvas-state";

export function useMenus() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const { screenToFlowPosition } = useReactFlow<FlowNode, FlowEdge>();

  const open = useCallback(
    (event: MouseEvent | ReactMouseEvent, subject: MenuSubject) => {
      event.preventDefault();
      canvas.setState({ menu: { at: { x: event.clientX, y: event.clientY }, subject } });
    },
    [canvas],
  );

  const onNodeContextMenu = useCallback(
    (event: ReactMouseEvent, element: FlowNode) => {
      const { selection, select } = store.getState();
      const annotation = annotationIdOf(element.id);
      if (annotation !== null) {
        if (!selection.annotations.has(annotation)) select(selectionOf({ annotations: [annotation] }));
        open(event, { kind: "annotation", id: annotation });
        return;
      }
      if (!selection.nodes.has(element.id)) select(selectionOf({ nodes: [element.id] }));
      open(event, { kind: "step", id: element.id });
    },
    [store, open],
  );

  const onEdgeContextMenu = useCallback(
    (event: ReactMouseEvent, edge: FlowEdge) => {
      store.getState().select(selectionOf({ connections: [edge.id] }));
      open(event, { kind: "connection", id: edge.id });
    },
    [store, open],
  );

  const onPaneContextMenu = useCallback(
    (event: MouseEvent | ReactMouseEvent) => {
      const position = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      open(event, { kind: "canvas", position });
    },
    [open, screenToFlowPosition],
  );

  return { onNodeContextMenu, onEdgeContextMenu, onPaneContextMenu };
}
