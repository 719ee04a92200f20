/** Dragging steps, notes and groups: in line with others, with what lies in groups; one change at the end. */
import { type NodeChange, type OnNodeDrag, useReactFlow, useStoreApi } from "@xyflow/react";
import { useCallback, useRef } from "react";
import { moveSelection, withContents } from "@/graph/commands/annotations";
import { copy, paste } from "@/graph/commands/clipboard";
import { putOnConnection } from "@/graph/commands/connections";
import { around, type Rectangle, touches } from "@/graph/geometry";
import type { Selection } from "@/graph/selection";
import type { Position } from "@/graph/workflow";
import type { DrawingStore } from "@/shared/graph-view/drawing";
import { annotationElementId, type FlowEdge, type FlowNode } from "@/shared/graph-view/elements";
import { rectangleOf } from "@/shared/graph-view/graph-view";
import { type EditorStore, useEditorStore } from "../store";
import { useCanvasStore } from "./canvas-state";
import { connectionAt } from "./hits";
import { placeElements } from "./place-elements";
import { settle } from "./settle";

interface Drag {
  /** What moves, by ids of the workflow, with what lies in groups that move. */
  readonly selection: Selection;
  /** Where each element that moves began. */
  readonly from: ReadonlyMap<string, Position>;
  readonly box: Rectangle;
  readonly others: readonly Rectangle[];
  /** A lone step that nothing is connected with may be put on a connection. */
  readonly loose: string | null;
  by: Position;
}

/** In pixels of the screen. */
const REACH = 6;
/** More would not be seen as lines, and would take long to go through. */
const MOST_OTHERS = 300;

export function useDragging(drawing: DrawingStore) {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const flow = useReactFlow<FlowNode, FlowEdge>();
  const view = useStoreApi();
  const drag = useRef<Drag | null>(null);

  const onNodeDragStart: OnNodeDrag<FlowNode> = useCallback(() => {
    const { width, height, transform } = view.getState();
    const seen = seenBox(transform, width, height);
    drag.current = beginDrag(store, flow.getNodes(), seen);
  }, [store, flow, view]);

  const moveNodes = useCallback(
    (changes: NodeChange<FlowNode>[]) => {
      const current = drag.current;
      const moved = changes.find(
        (change) => change.type === "position" && change.position && change.dragging,
      );
      if (current === null || moved?.type !== "position" || !moved.position) return;
      const start = current.from.get(moved.id);
      if (start === undefined) return;
      const by = { x: moved.position.x - start.x, y: moved.position.y - start.y };
      const { x, y, width, height } = current.box;
      const settled = settle(
        { x: x + by.x, y: y + by.y, width, height },
        current.others,
        REACH / flow.getZoom(),
      );
      current.by = { x: settled.x - x, y: settled.y - y };
      canvas.setState({ guides: settled.guides });
      placeElements(view, shifted(current));
    },
    [canvas, flow, view],
  );

  const onNodeDrag: OnNodeDrag<FlowNode> = useCallback(
    (event) => {
      if (drag.current?.loose) drawing.setState({ highlighted: connectionAt(event) });
    },
    [drawing],
  );

  const onNodeDragStop: OnNodeDrag<FlowNode> = useCallback(
    (event) => {
      const current = drag.current;
      drag.current = null;
      canvas.setState({ guides: [] });
      const { highlighted } = drawing.getState();
      drawing.setState({ highlighted: null });
      if (current === null) return;
      if (event.altKey || (current.by.x === 0 && current.by.y === 0)) placeElements(view, current.from);
      if (current.by.x === 0 && current.by.y === 0) return;
      if (event.altKey) duplicateTo(store, current);
      else commitMove(store, current, current.loose === null ? null : highlighted);
    },
    [store, canvas, drawing, view],
  );

  return { onNodeDragStart, onNodeDrag, onNodeDragStop, moveNodes };
}

function seenBox([x, y, zoom]: readonly [number, number, number], width: number, height: number): Rectangle {
  return { x: -x / zoom, y: -y / zoom, width: width / zoom, height: height / zoom };
}

function beginDrag(store: EditorStore, elements: readonly FlowNode[], seen: Rectangle): Drag | null {
  const { history, nodeTypes, selection: chosen } = store.getState();
  const selection = withContents(history.present, chosen, nodeTypes);
  const moving = new Set([...selection.nodes, ...[...selection.annotations].map(annotationElementId)]);
  const moved = elements.filter((element) => moving.has(element.id));
  const box = around(moved.map(rectangleOf));
  if (box === null) return null;
  const others = elements.filter(
    (element) => element.type === "step" && !moving.has(element.id) && touches(rectangleOf(element), seen),
  );
  const [only] = selection.nodes;
  const lone = selection.nodes.size === 1 && selection.annotations.size === 0 ? only : undefined;
  const connected = history.present.connections.some(({ from, to }) => from === lone || to === lone);
  return {
    selection,
    from: new Map(moved.map((element) => [element.id, element.position])),
    box,
    others: others.slice(0, MOST_OTHERS).map(rectangleOf),
    loose: lone !== undefined && !connected ? lone : null,
    by: { x: 0, y: 0 },
  };
}

function shifted({ from, by }: Drag): Map<string, Position> {
  return new Map([...from].map(([id, { x, y }]) => [id, { x: x + by.x, y: y + by.y }]));
}

function commitMove(store: EditorStore, { selection, by }: Drag, connection: string | null): void {
  const { nodeTypes, change } = store.getState();
  const count = selection.nodes.size + selection.annotations.size;
  const move = moveSelection(selection, by, nodeTypes);
  const [lone] = selection.nodes;
  if (connection !== null && lone !== undefined) {
    change({
      label: "Put on a connection",
      apply: (workflow) => putOnConnection(connection, lone, nodeTypes)(move(workflow)),
    });
    return;
  }
  change({ label: count === 1 ? "Move" : `Move ${count}`, apply: move });
}

/** What was dragged stays; a copy lies where it was dropped. */
function duplicateTo(store: EditorStore, { selection, box, by }: Drag): void {
  const { history, nodeTypes, change, select } = store.getState();
  const clip = copy(history.present, selection);
  if (clip === null) return;
  const pasted = paste(history.present, clip, nodeTypes, { x: box.x + by.x, y: box.y + by.y });
  change({ label: "Duplicate", apply: () => pasted.workflow });
  select(pasted.selection);
}
