/** Steps that a change puts elsewhere, as tidying up or undoing that, go there before one's eyes. */
import { useStoreApi } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { positionOf } from "@/graph/geometry";
import type { Position, Workflow } from "@/graph/workflow";
import type { FlowNode } from "@/shared/graph-view/elements";
import { useEditorStore } from "../store";
import { placeElements } from "./place-elements";

type Places = ReadonlyMap<string, Position>;
type FlowStore = ReturnType<typeof useStoreApi>;

const MILLISECONDS = 280;
/** Less is a nudge; and of more steps than that nobody sees where each goes. */
const LEAST_WAY = 24;
const MOST_STEPS = 400;

export function useArrivals(nodes: readonly FlowNode[]): void {
  const editor = useEditorStore();
  const flow = useStoreApi();
  const leaving = useRef<Places | null>(null);

  useEffect(
    () =>
      editor.subscribe((state, before) => {
        const { present } = state.history;
        if (present !== before.history.present) leaving.current = displaced(present, flow);
      }),
    [editor, flow],
  );

  useEffect(() => {
    const from = leaving.current;
    leaving.current = null;
    if (from === null) return;
    const to = new Map(nodes.filter((node) => from.has(node.id)).map((node) => [node.id, node.position]));
    return glide(flow, from, to);
  }, [nodes, flow]);
}

/** Where those are seen now that will be elsewhere; null when nothing should be shown of their way. */
function displaced(workflow: Workflow, flow: FlowStore): Places | null {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return null;
  const { nodeLookup } = flow.getState();
  const places = new Map<string, Position>();
  for (const node of workflow.nodes) {
    const seen = nodeLookup.get(node.id)?.internals.positionAbsolute;
    const { x, y } = positionOf(node);
    if (seen && Math.hypot(seen.x - x, seen.y - y) >= LEAST_WAY) places.set(node.id, seen);
  }
  return places.size > 1 && places.size <= MOST_STEPS ? places : null;
}

function glide(flow: FlowStore, from: Places, to: Places): () => void {
  const begun = performance.now();
  let frame = 0;
  const move = (now: number) => {
    const part = Math.min(1, Math.max(0, now - begun) / MILLISECONDS);
    placeElements(flow, between(from, to, 1 - (1 - part) ** 3));
    if (part < 1) frame = requestAnimationFrame(move);
  };
  move(begun);
  return () => {
    cancelAnimationFrame(frame);
    placeElements(flow, to);
  };
}

function between(from: Places, to: Places, part: number): Places {
  return new Map(
    [...to].map(([id, end]) => {
      const start = from.get(id) ?? end;
      return [id, { x: start.x + (end.x - start.x) * part, y: start.y + (end.y - start.y) * part }];
    }),
  );
}
