/** The dots of the grid. They are moved, not drawn again, while the view moves. */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { GRID } from "@/graph/geometry";
import styles from "./graph-view.module.css";

/** Every second line of the grid, and none when they would melt together. */
const GAP = 2 * GRID;
const LEAST_ZOOM = 0.4;

export function Dots() {
  const store = useStoreApi();
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let zoomed = 0;
    const place = ([x, y, zoom]: readonly [number, number, number]) => {
      const { style } = sheet.current ?? {};
      if (style === undefined) return;
      const gap = GAP * zoom;
      if (zoomed !== zoom) {
        style.backgroundSize = `${gap}px ${gap}px`;
        // A dot is in the middle of its tile, and the sheet begins 64 pixels before the view.
        style.backgroundPosition = `${64 - gap / 2}px ${64 - gap / 2}px`;
        style.visibility = zoom < LEAST_ZOOM ? "hidden" : "visible";
        zoomed = zoom;
      }
      style.transform = `translate3d(${x % gap}px, ${y % gap}px, 0)`;
    };
    place(store.getState().transform);
    return store.subscribe((state, before) => {
      if (state.transform !== before.transform) place(state.transform);
    });
  }, [store]);
  return (
    <div className={styles.dots} aria-hidden="true">
      <div ref={sheet} />
    </div>
  );
}
