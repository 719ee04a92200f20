import { Menu } from "@mantine/core";
import {
  IconArrowRight,
  IconCopy,
  IconEye,
  IconEyeOff,
  IconFold,
  IconLayoutSidebarRightExpand,
  IconPencil,
  IconPlugConnected,
  IconPlus,
  IconScissors,
  IconSquareRoundedPlus,
  IconTrash,
} from "@tabler/icons-react";
import { inputsOf } from "@/graph/ports";
import { renameStep } from "../../panel/step-name";
import { useEditor, useEditorStore } from "../../store";
import { freePort } from "../beside";
import { type Point, useCanvasStore } from "../canvas-state";
import { copySelected, cutSelected } from "../clipboard";
import { duplicateSelected, groupSelected, removeAndClose, removeSelected, toggleDisabled } from "../editing";
import { Entry } from "./entry";
import type { StepAction } from "./step-action";

interface Props {
  id: string;
  at: Point;
  actions: readonly StepAction[];
}

/** On a step, or on all that are selected when it is one of them. */
export function StepMenu({ id, at, actions }: Props) {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const count = useEditor((state) => state.selection.nodes.size);
  const own = actions.filter((action) => action.isFor?.(id) ?? true);
  return (
    <>
      {count > 1 && <Menu.Label>{count} steps</Menu.Label>}
      <Entry
        icon={IconLayoutSidebarRightExpand}
        label="Open"
        keys="Enter"
        onClick={() => store.getState().enter(id)}
      />
      {own.map((action) => (
        <Entry
          key={action.label}
          icon={action.icon}
          label={action.label}
          keys={action.keys}
          onClick={() => action.run(id)}
        />
      ))}
      {!readOnly && <StepEdits id={id} at={at} several={count > 1} />}
      {readOnly && (
        <Entry icon={IconCopy} label="Copy" keys="Ctrl C" onClick={() => void copySelected(store)} />
      )}
    </>
  );
}

function StepEdits({ id, at, several }: { id: string; at: Point; several: boolean }) {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const { history, nodeTypes, selection } = store.getState();
  const node = history.present.nodes.find((one) => one.id === id);
  if (node === undefined) return null;
  const port = freePort(history.present, node, nodeTypes);
  const hasInput = inputsOf(nodeTypes.get(node.type)).length > 0;
  const ids = selection.nodes.has(id) ? selection.nodes : new Set([id]);
  return (
    <>
      <Menu.Divider />
      {port !== null && !several && (
        <>
          <Entry
            icon={IconPlus}
            label="Add a step after it"
            keys="N"
            onClick={() =>
              canvas.setState({ adding: { at, intent: { kind: "after", end: { node: id, port } } } })
            }
          />
          <Entry
            icon={IconPlugConnected}
            label="Connect with…"
            keys="C"
            onClick={() => canvas.setState({ connecting: id })}
          />
        </>
      )}
      {!several && <Entry icon={IconPencil} label="Rename" keys="F2" onClick={() => renameStep(store, id)} />}
      <Entry
        icon={node.disabled ? IconEye : IconEyeOff}
        label={node.disabled ? "Enable" : "Disable"}
        keys="D"
        onClick={() => toggleDisabled(store, ids)}
      />
      <Entry icon={IconSquareRoundedPlus} label="Group" keys="Ctrl G" onClick={() => groupSelected(store)} />
      <Menu.Divider />
      <Entry icon={IconCopy} label="Copy" keys="Ctrl C" onClick={() => void copySelected(store)} />
      <Entry icon={IconScissors} label="Cut" keys="Ctrl X" onClick={() => void cutSelected(store)} />
      <Entry icon={IconArrowRight} label="Duplicate" keys="Ctrl D" onClick={() => duplicateSelected(store)} />
      <Menu.Divider />
      {port !== null && hasInput && !several && (
        <Entry icon={IconFold} label="Delete and close the gap" onClick={() => removeAndClose(store, id)} />
      )}
      <Entry icon={IconTrash} label="Delete" keys="Del" danger onClick={() => removeSelected(store)} />
    </>
  );
}
