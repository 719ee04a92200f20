/** What steps, connections, notes and groups can ask for themselves. */
import { useMemo } from "react";
import { setAnnotation } from "@/graph/commands/annotations";
import { type DrawingActions, useDrawingStore } from "@/shared/graph-view/drawing";
import { useEditor, useEditorStore } from "../store";
import { useCanvasStore } from "./canvas-state";

export function useDrawingActionsOfEditor(): DrawingActions | null {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const drawing = useDrawingStore();
  const readOnly = useEditor((state) => state.readOnly);
  return useMemo(() => {
    if (readOnly) return null;
    const change = (label: string, id: string, look: Parameters<typeof setAnnotation>[1]) =>
      store.getState().change({ label, apply: setAnnotation(id, look) });
    return {
      write: (id) => drawing.setState({ writing: id }),
      insertOn: (connection, at) => canvas.setState({ adding: { at, intent: { kind: "on", connection } } }),
      addAfter: (node, port, at) =>
        canvas.setState({ adding: { at, intent: { kind: "after", end: { node, port } } } }),
      writeNote: (id, text) => change("Write a note", id, { text }),
      renameGroup: (id, title) => change("Rename the group", id, { title }),
    };
  }, [store, canvas, drawing, readOnly]);
}
