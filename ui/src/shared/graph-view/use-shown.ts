/**
 * Which steps are elements of the page. Of a large drawing that is seen from afar it is those that are pointed at or
 * selected, so that whatever can be done with a step can be done from there; the others are painted.
 */
import { useStoreApi } from "@xyflow/react";
import { type RefObject, useCallback, useEffect, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { useStore as useZustand } from "zustand";
import type { DrawingStore } from "./drawing";
import type { FlowEdge, FlowNode } from "./elements";

/** So many are fast enough as elements. */
const MANY = 300;
/** More that are selected are painted too. */
const MOST_SELECTED = 60;

export function useShown(
  drawing: DrawingStore,
  nodes: FlowNode[],
  frame: RefObject<HTMLElement | null>,
): { afar: boolean; shown: FlowNode[] } {
  const least = useZustand(drawing, (state) => state.detail === "least");
  const afar = least && nodes.length > MANY;
  const pointed = usePointed(afar, nodes, frame);
  const shown = useMemo(() => (afar ? hidden(nodes, pointed) : nodes), [afar, nodes, pointed]);
  return { afar, shown };
}

function usePointed(afar: boolean, nodes: FlowNode[], frame: RefObject<HTMLElement | null>): string | null {
  const [pointed, setPointed] = useState<string | null>(null);
  const stepAt = useStepAt(nodes);
  useEffect(() => {
    const element = frame.current;
    if (!afar || element === null) return;
    const point = (event: PointerEvent) => {
      // While something is dragged, what is pointed at is that.
      if (event.type === "pointermove" && event.buttons > 0) return;
      const found = stepAt({ x: event.clientX, y: event.clientY });
      // What is pressed next has to be there.
      flushSync(() => setPointed(found));
    };
    element.addEventListener("pointermove", point);
    element.addEventListener("pointerdown", point, true);
    return () => {
      element.removeEventListener("pointermove", point);
      element.removeEventListener("pointerdown", point, true);
      setPointed(null);
    };
  }, [afar, frame, stepAt]);
  return pointed;
}

/** The step at a place on the screen, whether it is painted or not. */
export function useStepAt(nodes: readonly FlowNode[]): (at: { x: number; y: number }) => string | null {
  const store = useStoreApi<FlowNode, FlowEdge>();
  return useCallback(
    ({ x, y }) => {
      const { transform, domNode } = store.getState();
      const [left, top, zoom] = transform;
      const box = domNode?.getBoundingClientRect();
      const place = { x: (x - (box?.left ?? 0) - left) / zoom, y: (y - (box?.top ?? 0) - top) / zoom };
      return nodes.findLast((node) => node.type === "step" && holds(node, place))?.id ?? null;
    },
    [store, nodes],
  );
}

function holds({ position, width = 0, height = 0 }: FlowNode, { x, y }: { x: number; y: number }): boolean {
  return x >= position.x && y >= position.y && x <= position.x + width && y <= position.y + height;
}

const HIDDEN = new WeakMap<FlowNode, FlowNode>();

function hidden(nodes: FlowNode[], pointed: string | null): FlowNode[] {
  const selected = nodes.reduce((count, node) => count + (node.selected ? 1 : 0), 0);
  const stays = (node: FlowNode) =>
    node.type !== "step" || node.id === pointed || (node.selected && selected <= MOST_SELECTED);
  return nodes.map((node) => {
    if (stays(node)) return node;
    let known = HIDDEN.get(node);
    if (known === undefined) {
      known = { ...node, hidden: true };
      HIDDEN.set(node, known);
    }
    return known;
  });
}
