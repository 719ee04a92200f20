/**
 * While the view is dragged, the drawing is a layer that the browser only shifts. When it is zoomed it is not: a layer
 * would be stretched, and blurred.
 */
import { type RefObject, useMemo } from "react";

export function useCalmMoves(frame: RefObject<HTMLElement | null>) {
  return useMemo(() => {
    const hold = (value: string) => {
      const viewport = frame.current?.querySelector<HTMLElement>(".react-flow__viewport");
      if (viewport) viewport.style.willChange = value;
    };
    return {
      onMoveStart: (event: MouseEvent | TouchEvent | null) => {
        if (event !== null && event.type !== "wheel") hold("transform");
      },
      onMoveEnd: () => hold("auto"),
    };
  }, [frame]);
}
