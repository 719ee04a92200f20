/** Selecting what is painted: by a tap, which nothing was pointed at before, and by a rectangle. */
import { useStoreApi } from "@xyflow/react";
import { type MouseEvent as ReactMouseEvent, useCallback, useEffect } from "react";
import { touches } from "@/graph/geometry";
import { selectionOf } from "@/graph/selection";
import type { FlowEdge, FlowNode } from "@/shared/graph-view/elements";
import { rectangleOf } from "@/shared/graph-view/graph-view";
import { useStepAt } from "@/shared/graph-view/use-shown";
import { useEditorStore } from "../store";

/** What a click beside all elements does. */
export function useSelectingFromAfar(afar: boolean, nodes: readonly FlowNode[]) {
  const store = useEditorStore();
  const view = useStoreApi<FlowNode, FlowEdge>();
  const stepAt = useStepAt(nodes);

  useEffect(() => {
    if (!afar) return;
    return view.subscribe(({ userSelectionRect: now, transform: [left, top, zoom] }, before) => {
      const drawn = before.userSelectionRect;
      if (now !== null || drawn === null) return;
      const size = { width: drawn.width / zoom, height: drawn.height / zoom };
      const box = { x: (drawn.x - left) / zoom, y: (drawn.y - top) / zoom, ...size };
      const inside = nodes.filter((node) => node.type === "step" && touches(box, rectangleOf(node)));
      store.getState().select(selectionOf({ nodes: inside.map(({ id }) => id) }));
    });
  }, [afar, nodes, store, view]);

  return useCallback(
    (event: ReactMouseEvent) => {
      const found = afar ? stepAt({ x: event.clientX, y: event.clientY }) : null;
      if (found !== null) store.getState().select(selectionOf({ nodes: [found] }));
    },
    [afar, stepAt, store],
  );
}
