/** The edge of the panel: dragged, or moved with the arrow keys. */
import { useRef } from "react";
import classes from "./panel.module.css";

interface Props {
  width: number;
  narrowest: number;
  widest: number;
  onResize: (width: number) => void;
}

const STEP = 24;

export function Resizer({ width, narrowest, widest, onResize }: Props) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const within = (wanted: number) => Math.round(Math.max(narrowest, Math.min(widest, wanted)));
  return (
    // biome-ignore lint/a11y/useSemanticElements: a line that separates does not take the focus, and this one does
    <div
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label="Width of the panel"
      aria-valuenow={width}
      aria-valuemin={narrowest}
      aria-valuemax={widest}
      className={classes.resizer}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width };
      }}
      onPointerMove={(event) => {
        if (start.current) onResize(within(start.current.width + start.current.x - event.clientX));
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") onResize(within(width + STEP));
        if (event.key === "ArrowRight") onResize(within(width - STEP));
      }}
    />
  );
}
