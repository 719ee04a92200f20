/** The lines that show what is in line with what is dragged. */
import { ViewportPortal } from "@xyflow/react";
import styles from "./canvas.module.css";
import { useCanvas } from "./canvas-state";
import type { Guide } from "./settle";

export function Guides() {
  const guides = useCanvas((state) => state.guides);
  if (guides.length === 0) return null;
  return (
    <ViewportPortal>
      {guides.map((guide) => (
        <div key={`${guide.axis} ${guide.at}`} className={styles.guide} style={styleOf(guide)} />
      ))}
    </ViewportPortal>
  );
}

const BEYOND = 16;

function styleOf({ axis, at, from, to }: Guide) {
  const length = to - from + 2 * BEYOND;
  return axis === "x"
    ? { transform: `translate(${at - 0.5}px, ${from - BEYOND}px)`, width: 1, height: length }
    : { transform: `translate(${from - BEYOND}px, ${at - 0.5}px)`, width: length, height: 1 };
}
