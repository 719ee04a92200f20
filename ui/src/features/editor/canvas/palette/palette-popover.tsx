/** The palette at a place, for a step that comes there: where a connection was dropped, at a `+`, under the pointer. */
import { FocusTrap } from "@mantine/core";
import { useClickOutside } from "@mantine/hooks";
import type { NodeType } from "@/graph/node-type";
import { useEditorStore } from "../../store";
import { type Point, useCanvas, useCanvasStore } from "../canvas-state";
import { addStep } from "../editing";
import type { Intent } from "../placing";
import { showStep } from "../show-step";
import styles from "./palette.module.css";
import { PaletteList } from "./palette-list";
import { useSteps } from "./use-steps";

export function PalettePopover() {
  const adding = useCanvas((state) => state.adding);
  return adding && <Popover key={`${adding.at.x} ${adding.at.y}`} at={adding.at} intent={adding.intent} />;
}

const WIDTH = 320;
const HEIGHT = 400;

function Popover({ at, intent }: { at: Point; intent: Intent }) {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const steps = useSteps(intent);
  const close = () => {
    canvas.setState({ adding: null });
    document.querySelector<HTMLElement>("[data-canvas]")?.focus({ preventScroll: true });
  };
  const outside = useClickOutside(close);

  function add(type: NodeType): void {
    close();
    const id = addStep(store, type, intent);
    if (id !== null) showStep(store, id);
  }

  const left = Math.max(8, Math.min(at.x, window.innerWidth - WIDTH - 8));
  const top = Math.max(8, Math.min(at.y, window.innerHeight - HEIGHT - 8));
  return (
    <FocusTrap active>
      <div
        ref={outside}
        className={styles.popover}
        style={{ left, top }}
        role="dialog"
        aria-label="Add a step"
      >
        <PaletteList types={steps} onPick={add} onClose={close} empty="No step fits here." />
      </div>
    </FocusTrap>
  );
}
