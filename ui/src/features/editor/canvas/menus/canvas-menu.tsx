import { Menu } from "@mantine/core";
import { IconClipboard, IconMaximize, IconNote, IconPlus, IconSelectAll } from "@tabler/icons-react";
import type { Position } from "@/graph/workflow";
import { useEditor, useEditorStore } from "../../store";
import { type Point, useCanvasStore } from "../canvas-state";
import { pasteFromClipboard } from "../clipboard";
import { addNoteAt, selectAll } from "../editing";
import { Entry } from "./entry";

/** On the empty canvas. */
export function CanvasMenu({ position, at }: { position: Position; at: Point }) {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const readOnly = useEditor((state) => state.readOnly);
  return (
    <>
      {!readOnly && (
        <>
          <Entry
            icon={IconPlus}
            label="Add a step here"
            keys="N"
            onClick={() => canvas.setState({ adding: { at, intent: { kind: "free", position } } })}
          />
          <Entry icon={IconNote} label="Add a note here" onClick={() => addNoteAt(store, position)} />
          <Entry
            icon={IconClipboard}
            label="Paste"
            keys="Ctrl V"
            onClick={() => void pasteFromClipboard(store, position)}
          />
          <Menu.Divider />
        </>
      )}
      <Entry icon={IconSelectAll} label="Select all" keys="Ctrl A" onClick={() => selectAll(store)} />
      <Entry
        icon={IconMaximize}
        label="Show all"
        keys="Shift 1"
        onClick={() => store.getState().canvas?.fitView()}
      />
    </>
  );
}
