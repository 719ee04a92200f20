/** The buttons at the upper left: add a step, write a note, tidy up. */
import { Button, Paper } from "@mantine/core";
import { IconNote, IconPlus, IconSitemap } from "@tabler/icons-react";
import { Panel } from "@xyflow/react";
import { Control } from "@/shared/graph-view/zoom-controls";
import { tidyUp } from "../actions/table";
import { useEditor, useEditorStore } from "../store";
import styles from "./canvas.module.css";
import { useCanvas, useCanvasStore } from "./canvas-state";
import { addNoteAt } from "./editing";

export function AddBar() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const open = useCanvas((state) => state.palette);
  const readOnly = useEditor((state) => state.readOnly);
  if (readOnly || open) return null;
  return (
    <Panel position="top-left">
      <Paper className={styles.bar}>
        <Button
          size="xs"
          leftSection={<IconPlus size={15} stroke={2.4} />}
          onClick={() => canvas.setState({ palette: true })}
        >
          Add a step
        </Button>
        <Control
          label="Write a note"
          onClick={() => addNoteAt(store, store.getState().canvas?.place() ?? { x: 0, y: 0 })}
        >
          <IconNote size={17} stroke={1.7} />
        </Control>
        <Control label="Tidy up" keys="Alt+L" onClick={() => void tidyUp(store)}>
          <IconSitemap size={17} stroke={1.7} style={{ transform: "rotate(-90deg)" }} />
        </Control>
      </Paper>
    </Panel>
  );
}
