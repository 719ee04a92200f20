import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useEditor, useEditorStore } from "../../store";
import { type Point, useCanvasStore } from "../canvas-state";
import { removeConnection } from "../editing";
import { Entry } from "./entry";

export function ConnectionMenu({ id, at }: { id: string; at: Point }) {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <>
      <Entry
        icon={IconPlus}
        label="Insert a step"
        disabled={readOnly}
        onClick={() => canvas.setState({ adding: { at, intent: { kind: "on", connection: id } } })}
      />
      <Entry
        icon={IconTrash}
        label="Delete"
        keys="Del"
        danger
        disabled={readOnly}
        onClick={() => removeConnection(store, id)}
      />
    </>
  );
}
