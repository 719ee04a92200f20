/** From where the drawing is seen: as it was left in this tab, else its beginning; and what the page may do with it. */
import { useReactFlow, useStore, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useCallback, useEffect, useRef } from "react";
import { annotationRectangle } from "@/graph/commands/annotations";
import { nodeRectangle, touches } from "@/graph/geometry";
import { nodesById } from "@/graph/lookup";
import type { Position } from "@/graph/workflow";
import { useDrawingStore } from "@/shared/graph-view/drawing";
import type { FlowEdge, FlowNode } from "@/shared/graph-view/elements";
import { firstView, viewOfAll } from "@/shared/graph-view/first-view";
import { rectangleOf } from "@/shared/graph-view/graph-view";
import { useRoomToLose } from "../panel/room";
import { type EditorState, useEditor, useEditorStore } from "../store";
import { shiftInto } from "./pan";
import { stepElement } from "./show-step";

const KEPT = "wingbeat-view-";

interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

function keptView(workflow: string): View | null {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEPT + workflow) ?? "null");
    return isView(kept) ? kept : null;
  } catch {
    return null;
  }
}

function isView(value: unknown): value is View {
  return (
    typeof value === "object" &&
    value !== null &&
    ["x", "y", "zoom"].every((name) => Number.isFinite((value as Record<string, unknown>)[name]))
  );
}

function keepView(workflow: string, view: View): void {
  try {
    sessionStorage.setItem(KEPT + workflow, JSON.stringify(view));
  } catch {
    // Then it begins at the beginning the next time.
  }
}

/** Looks at the drawing once its place has a size. */
export function useFirstView(): void {
  const { setViewport, getNodes } = useReactFlow<FlowNode, FlowEdge>();
  const workflowId = useEditor((state) => state.workflowId);
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const chosen = useEditor((state) => state.selection.nodes.size > 0);
  const room = useRoomToLose();
  const begun = useRef(false);
  useEffect(() => {
    if (width === 0 || height === 0 || begun.current) return;
    begun.current = true;
    const boxes = getNodes().map(rectangleOf);
    void setViewport(keptView(workflowId) ?? firstView(boxes, width, height, chosen ? 0 : room));
  }, [width, height, chosen, room, workflowId, setViewport, getNodes]);
}

/** Keeps the selected step in sight where the drawing gets less room, as when the panel opens beside it. */
export function useKeptInSight(): void {
  const store = useEditorStore();
  const view = useStoreApi<FlowNode, FlowEdge>();
  const width = useStore((state) => state.width);
  const before = useRef(width);
  useEffect(() => {
    const was = before.current;
    before.current = width;
    const { history, nodeTypes, selection, canvas } = store.getState();
    const [id] = selection.nodes;
    if (width >= was || id === undefined || selection.nodes.size > 1) return;
    const node = nodesById(history.present).get(id);
    if (node === undefined) return;
    const { height, transform } = view.getState();
    const [x, y, zoom] = transform;
    const seen = { x: -x / zoom, y: -y / zoom, width: was / zoom, height: height / zoom };
    if (touches(nodeRectangle(node, nodeTypes), seen)) canvas?.follow(id);
  }, [width, store, view]);
}

export function useKeptView() {
  const workflowId = useEditor((state) => state.workflowId);
  return useCallback((_event: unknown, view: View) => keepView(workflowId, view), [workflowId]);
}

const CALM = 250;

function duration(): number {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : CALM;
}

/** Tells the page what it can do with the view; follows what it wants to be shown. */
export function useCanvasHandle() {
  const store = useEditorStore();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const view = useStoreApi<FlowNode, FlowEdge>();
  const drawing = useDrawingStore();
  const pointer = useRef<Position | null>(null);
  const room = useRef(0);
  room.current = useRoomToLose();

  useEffect(() => {
    const center = (nodes: readonly string[]) => {
      const zoom = Math.min(Math.max(flow.getZoom(), 0.7), 1.2);
      void flow.fitView({
        nodes: nodes.map((id) => ({ id })),
        minZoom: 0.3,
        maxZoom: zoom,
        padding: 0.3,
        includeHiddenNodes: true,
        duration: duration(),
      });
    };
    store.getState().setCanvas({
      fitView: () => {
        const { width, height } = view.getState();
        void flow.setViewport(wholeView(store.getState(), width, height), { duration: duration() });
      },
      zoomIn: () => void flow.zoomIn({ duration: duration() }),
      zoomOut: () => void flow.zoomOut({ duration: duration() }),
      center,
      follow: (id) => {
        const { width, height, transform } = view.getState();
        const next = followed(store.getState(), id, transform, width, height);
        if (next !== null) void flow.setViewport(next, { duration: duration() });
      },
      place: () => {
        const { width, height, domNode } = view.getState();
        const box = domNode?.getBoundingClientRect();
        // What is new gets selected: the middle is that of what the panel will leave.
        const left = store.getState().selection.nodes.size > 0 ? width : width - room.current;
        const middle = { x: (box?.left ?? 0) + left / 2 - 100, y: (box?.top ?? 0) + height / 2 - 32 };
        return flow.screenToFlowPosition(pointer.current ?? middle);
      },
      write: (writing) => drawing.setState({ writing }),
    });
    return () => store.getState().setCanvas(null);
  }, [store, flow, view, drawing]);

  const reveal = useEditor((state) => state.reveal);
  useEffect(() => {
    if (reveal === null) return;
    const { canvas } = store.getState();
    const box = stepElement(reveal.node)?.getBoundingClientRect();
    const frame = view.getState().domNode?.getBoundingClientRect();
    const seen =
      box &&
      frame &&
      box.left >= frame.left &&
      box.right <= frame.right &&
      box.top >= frame.top &&
      box.bottom <= frame.bottom;
    if (!seen) canvas?.center([reveal.node]);
  }, [reveal, store, view]);

  const onPointerMove = useCallback((event: PointerEvent) => {
    const onDrawing = event.target instanceof Element && event.target.closest(DRAWING) !== null;
    pointer.current = onDrawing ? { x: event.clientX, y: event.clientY } : null;
  }, []);
  const onPointerLeave = useCallback(() => {
    pointer.current = null;
  }, []);
  return { onPointerMove, onPointerLeave };
}

/** All of the workflow as it is, wherever its steps are on their way to. */
function wholeView({ history, nodeTypes }: EditorState, width: number, height: number): View {
  const { nodes, annotations } = history.present;
  const drawn = [...(annotations?.notes ?? []), ...(annotations?.groups ?? [])];
  const boxes = [...nodes.map((node) => nodeRectangle(node, nodeTypes)), ...drawn.map(annotationRectangle)];
  return viewOfAll(boxes, width, height);
}

const ROOM = 72;

/** The view moved to a step, or null where it is seen well as it is. */
function followed(
  { history, nodeTypes }: EditorState,
  id: string,
  [x, y, zoom]: readonly [number, number, number],
  width: number,
  height: number,
): View | null {
  const node = history.present.nodes.find((one) => one.id === id);
  if (node === undefined) return null;
  const box = nodeRectangle(node, nodeTypes);
  const across = { from: box.x * zoom + x, to: (box.x + box.width) * zoom + x };
  const down = { from: box.y * zoom + y, to: (box.y + box.height) * zoom + y };
  const frame = { across: { from: 0, to: width }, down: { from: 0, to: height } };
  // What is seen whole stays where it is: somebody may be about to click there.
  if (shiftInto(across, frame.across, 0) === 0 && shiftInto(down, frame.down, 0) === 0) return null;
  return {
    x: x + shiftInto(across, frame.across, ROOM),
    y: y + shiftInto(down, frame.down, ROOM),
    zoom,
  };
}

const DRAWING = ".react-flow__pane, .react-flow__node, .react-flow__edge";
