/** What can be done with several steps at once, above the canvas while they are selected. */
import { Divider, Paper, Text } from "@mantine/core";
import {
  type Icon,
  IconCopy,
  IconEyeOff,
  IconLayoutAlignBottom,
  IconLayoutAlignCenter,
  IconLayoutAlignLeft,
  IconLayoutAlignMiddle,
  IconLayoutAlignRight,
  IconLayoutAlignTop,
  IconLayoutDistributeHorizontal,
  IconLayoutDistributeVertical,
  IconSquareRoundedPlus,
  IconTrash,
} from "@tabler/icons-react";
import { Panel } from "@xyflow/react";
import { type Axis, align, distribute, type Edge } from "@/graph/commands/arrange";
import { Control } from "@/shared/graph-view/zoom-controls";
import { type EditorStore, useEditor, useEditorStore } from "../store";
import styles from "./canvas.module.css";
import { duplicateSelected, groupSelected, removeSelected, toggleDisabled } from "./editing";

const ALIGNMENTS: ReadonlyArray<readonly [Edge, string, Icon]> = [
  ["left", "Align left", IconLayoutAlignLeft],
  ["center", "Align centres", IconLayoutAlignCenter],
  ["right", "Align right", IconLayoutAlignRight],
  ["top", "Align top", IconLayoutAlignTop],
  ["middle", "Align middles", IconLayoutAlignMiddle],
  ["bottom", "Align bottom", IconLayoutAlignBottom],
];
const DISTRIBUTIONS: ReadonlyArray<readonly [Axis, string, Icon]> = [
  ["horizontal", "Space out horizontally", IconLayoutDistributeVertical],
  ["vertical", "Space out vertically", IconLayoutDistributeHorizontal],
];

export function ArrangeBar() {
  const store = useEditorStore();
  const count = useEditor((state) => state.selection.nodes.size);
  const readOnly = useEditor((state) => state.readOnly);
  if (count < 2 || readOnly) return null;
  return (
    <Panel position="top-center">
      <Paper className={styles.bar} role="toolbar" aria-label="Selected steps">
        <Text size="xs" fw={600} px={8} aria-live="polite" style={{ whiteSpace: "nowrap" }}>
          {count} selected
        </Text>
        <Divider orientation="vertical" />
        {ALIGNMENTS.map(([edge, label, Shown]) => (
          <Control key={edge} label={label} onClick={() => alignSelected(store, edge, label)}>
            <Shown size={17} stroke={1.7} />
          </Control>
        ))}
        <Divider orientation="vertical" />
        {DISTRIBUTIONS.map(([axis, label, Shown]) => (
          <Control
            key={axis}
            label={label}
            disabled={count < 3}
            onClick={() => distributeSelected(store, axis, label)}
          >
            <Shown size={17} stroke={1.7} />
          </Control>
        ))}
        <Divider orientation="vertical" />
        <Control label="Group" keys="Ctrl+G" onClick={() => groupSelected(store)}>
          <IconSquareRoundedPlus size={17} stroke={1.7} />
        </Control>
        <Control
          label="Disable or enable"
          keys="D"
          onClick={() => toggleDisabled(store, store.getState().selection.nodes)}
        >
          <IconEyeOff size={17} stroke={1.7} />
        </Control>
        <Control label="Duplicate" keys="Ctrl+D" onClick={() => duplicateSelected(store)}>
          <IconCopy size={17} stroke={1.7} />
        </Control>
        <Control label="Delete" keys="Del" onClick={() => removeSelected(store)}>
          <IconTrash size={17} stroke={1.7} />
        </Control>
      </Paper>
    </Panel>
  );
}

function alignSelected(store: EditorStore, edge: Edge, label: string): void {
  const { selection, nodeTypes, change } = store.getState();
  change({ label, apply: align(selection.nodes, edge, nodeTypes) });
}

function distributeSelected(store: EditorStore, axis: Axis, label: string): void {
  const { selection, nodeTypes, change } = store.getState();
  change({ label, apply: distribute(selection.nodes, axis, nodeTypes) });
}
