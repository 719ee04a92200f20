/** The workflow as elements of React Flow, with what is being dragged or resized where it is now. */
import type { EdgeChange, NodeChange } from "@xyflow/react";
import { useCallback, useMemo, useRef, useState } from "react";
import { resize } from "@/graph/commands/annotations";
import type { Size } from "@/graph/geometry";
import type { Position } from "@/graph/workflow";
import { annotationIdOf, Elements, type FlowEdge, type FlowNode } from "@/shared/graph-view/elements";
import { type EditorStore, useEditor, useEditorStore } from "../store";

/** By the id of an element: where it is while it moves, and how large while it is resized. */
export interface Passing {
  readonly positions: ReadonlyMap<string, Position>;
  readonly sizes: ReadonlyMap<string, Size>;
}

export const SETTLED: Passing = { positions: new Map(), sizes: new Map() };

export function useElements() {
  const [elements] = useState(() => new Elements());
  const [passing, setPassing] = useState(SETTLED);
  const workflow = useEditor((state) => state.history.present);
  const types = useEditor((state) => state.nodeTypes);
  const selection = useEditor((state) => state.selection);
  const settled = useMemo(
    () => elements.nodesOf(workflow, types, selection),
    [elements, workflow, types, selection],
  );
  const nodes = useMemo(() => withPassing(settled, passing), [settled, passing]);
  const edges = useMemo(
    () => elements.edgesOf(workflow, types, selection),
    [elements, workflow, types, selection],
  );
  return { workflow, types, nodes, edges, passing, setPassing };
}

function withPassing(nodes: FlowNode[], { positions, sizes }: Passing): FlowNode[] {
  if (positions.size === 0 && sizes.size === 0) return nodes;
  return nodes.map((node) => {
    const position = positions.get(node.id);
    const size = sizes.get(node.id);
    if (position === undefined && size === undefined) return node;
    return { ...node, ...(position && { position }), ...(size && { ...size, measured: size }) } as FlowNode;
  });
}

/** What React Flow says was selected, in the selection of the editor. */
export function useSelecting() {
  const store = useEditorStore();
  const onEdgesChange = useCallback(
    (changes: EdgeChange<FlowEdge>[]) => selectConnections(store, changes),
    [store],
  );
  const selectNodes = useCallback(
    (changes: NodeChange<FlowNode>[]) => selectElements(store, changes),
    [store],
  );
  return { onEdgesChange, selectNodes };
}

function selectElements(store: EditorStore, changes: NodeChange<FlowNode>[]): void {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const { selection } = store.getState();
  const nodes = new Set(selection.nodes);
  const annotations = new Set(selection.annotations);
  for (const { id, selected } of chosen) {
    const annotation = annotationIdOf(id);
    const set = annotation === null ? nodes : annotations;
    if (selected) set.add(annotation ?? id);
    else set.delete(annotation ?? id);
  }
  store.getState().select({ ...selection, nodes, annotations });
}

function selectConnections(store: EditorStore, changes: EdgeChange<FlowEdge>[]): void {
  const chosen = changes.filter((change) => change.type === "select");
  if (chosen.length === 0) return;
  const { selection } = store.getState();
  const connections = new Set(selection.connections);
  for (const { id, selected } of chosen) {
    if (selected) connections.add(id);
    else connections.delete(id);
  }
  store.getState().select({ ...selection, connections });
}

/** Notes and groups while their edges are dragged; the workflow changes once, at the end. */
export function useResizing(setPassing: (passing: Passing) => void) {
  const store = useEditorStore();
  const now = useRef<Resized>({});
  return useCallback(
    (changes: NodeChange<FlowNode>[]): boolean => {
      const sized = changes.find((change) => change.type === "dimensions" && change.resizing !== undefined);
      if (sized?.type !== "dimensions") return false;
      now.current = { ...now.current, ...resizedBy(changes, sized.id) };
      if (sized.resizing) {
        setPassing(passingOf(sized.id, now.current));
        return true;
      }
      const { position, size } = now.current;
      const id = annotationIdOf(sized.id);
      now.current = {};
      setPassing(SETTLED);
      if (id !== null && size) commitSize(store, id, position, size);
      return true;
    },
    [store, setPassing],
  );
}

interface Resized {
  readonly position?: Position;
  readonly size?: Size;
}

function resizedBy(changes: readonly NodeChange<FlowNode>[], id: string): Resized {
  const resized: { position?: Position; size?: Size } = {};
  for (const change of changes) {
    if (change.type === "dimensions" && change.id === id && change.dimensions)
      resized.size = change.dimensions;
    if (change.type === "position" && change.id === id && change.position) resized.position = change.position;
  }
  return resized;
}

function passingOf(id: string, { position, size }: Resized): Passing {
  return {
    positions: position ? new Map([[id, position]]) : SETTLED.positions,
    sizes: size ? new Map([[id, size]]) : SETTLED.sizes,
  };
}

function commitSize(store: EditorStore, id: string, position: Position | undefined, size: Size): void {
  const { history, change } = store.getState();
  const { notes = [], groups = [] } = history.present.annotations ?? {};
  const one = [...notes, ...groups].find((annotation) => annotation.id === id);
  if (one === undefined) return;
  const whole = { width: Math.round(size.width), height: Math.round(size.height) };
  const at = position ?? one.position;
  change({ label: "Resize", apply: resize(id, { x: Math.round(at.x), y: Math.round(at.y) }, whole) });
}
