/** The palette at the left of the canvas: it stays while one adds and drags. */
import { CloseButton, Text } from "@mantine/core";
import type { NodeType } from "@/graph/node-type";
import { useEditor, useEditorStore } from "../../store";
import { besideSelected } from "../beside";
import { useCanvas, useCanvasStore } from "../canvas-state";
import { addStep } from "../editing";
import { showStep } from "../show-step";
import styles from "./palette.module.css";
import { PaletteList } from "./palette-list";
import { useSteps } from "./use-steps";

export function PalettePanel() {
  const open = useCanvas((state) => state.palette);
  return open ? <OpenPanel /> : null;
}

function OpenPanel() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const steps = useSteps(null);
  const close = () => {
    canvas.setState({ palette: false });
    document.querySelector<HTMLElement>("[data-canvas]")?.focus();
  };
  const readOnly = useEditor((state) => state.readOnly);
  const unstarted = useEditor(({ history, nodeTypes }) =>
    history.present.nodes.every((node) => nodeTypes.get(node.type)?.role !== "trigger"),
  );
  if (readOnly) return null;

  function add(type: NodeType): void {
    const id = addStep(store, type, besideSelected(store.getState(), type));
    if (id !== null) showStep(store, id);
  }

  return (
    <section className={styles.panel} aria-label="Steps to add">
      <div className={styles.panelHead}>
        <Text size="sm" fw={650}>
          Add a step
        </Text>
        <CloseButton size="sm" aria-label="Close the list of steps" onClick={close} />
      </div>
      <PaletteList
        types={steps}
        onPick={add}
        onClose={close}
        empty="There are no steps."
        unstarted={unstarted}
      />
    </section>
  );
}
