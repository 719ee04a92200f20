/** Steps that are dragged from the palette: onto the canvas, onto a connection, or near a port. */
import { useReactFlow } from "@xyflow/react";
import { type DragEvent, useCallback } from "react";
import type { End } from "@/graph/connections";
import { nodeSize, portOffset, positionOf } from "@/graph/geometry";
import type { NodeType, NodeTypes } from "@/graph/node-type";
import { inputsOf, outputsOf } from "@/graph/ports";
import type { Position, Workflow } from "@/graph/workflow";
import type { DrawingStore } from "@/shared/graph-view/drawing";
import { type EditorStore, useEditorStore } from "../store";
import { addStep } from "./editing";
import { connectionAt } from "./hits";
import { carriedStep, carriesStep } from "./palette/carried";
import { fits, type Intent } from "./placing";
import { focusStep } from "./show-step";

/** Where the pointer holds a step that it brings. */
const GRIP = { x: 32, y: 32 };
/** How near a port counts as meaning it, in the measure of the drawing. */
const NEAR = 56;

interface NearPort {
  readonly kind: "after" | "before";
  readonly end: End;
}

export function useDropping(drawing: DrawingStore) {
  const store = useEditorStore();
  const { screenToFlowPosition } = useReactFlow();

  const onDragOver = useCallback(
    (event: DragEvent) => {
      if (!carriesStep(event) || store.getState().readOnly) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      const { history, nodeTypes } = store.getState();
      const point = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const near = portNear(history.present, nodeTypes, point);
      drawing.setState({ highlighted: connectionAt(event) ?? near?.end.node ?? null });
    },
    [store, drawing, screenToFlowPosition],
  );

  const onDrop = useCallback(
    (event: DragEvent) => {
      drawing.setState({ highlighted: null });
      const type = store.getState().nodeTypes.get(carriedStep(event));
      if (type === undefined) return;
      event.preventDefault();
      const point = screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const id = addStep(store, type, intentOf(store, type, point, connectionAt(event)));
      if (id !== null) focusStep(id);
    },
    [store, drawing, screenToFlowPosition],
  );

  const onDragLeave = useCallback(() => drawing.setState({ highlighted: null }), [drawing]);
  return { onDragOver, onDrop, onDragLeave };
}

function intentOf(store: EditorStore, type: NodeType, point: Position, connection: string | null): Intent {
  const { history, nodeTypes } = store.getState();
  const position = { x: point.x - GRIP.x, y: point.y - GRIP.y };
  const near = portNear(history.present, nodeTypes, point);
  const wanted: Intent[] = [
    // Whoever hits the line means it, also where it is so short that all of it is near a port.
    ...(connection === null ? [] : [{ kind: "on" as const, connection, position }]),
    ...(near ? [{ kind: near.kind, end: near.end }] : []),
  ];
  return wanted.find((intent) => fits(type, intent)) ?? { kind: "free", position };
}

export function portNear(workflow: Workflow, types: NodeTypes, point: Position): NearPort | null {
  let best: NearPort | null = null;
  let least = NEAR;
  for (const node of workflow.nodes) {
    const { x, y } = positionOf(node);
    const { width, height } = nodeSize(node, types);
    const apart = Math.max(x - point.x, point.x - x - width, y - point.y, point.y - y - height);
    if (apart > NEAR) continue;
    const type = types.get(node.type);
    const outputs = outputsOf(type, node);
    const inputs = inputsOf(type);
    const ports = [
      ...outputs.map((port, place) => ({
        near: { kind: "after" as const, end: { node: node.id, port: port.name } },
        distance: Math.hypot(x + width - point.x, y + portOffset(place, outputs.length) - point.y),
      })),
      ...inputs.map((port, place) => ({
        near: { kind: "before" as const, end: { node: node.id, port } },
        distance: Math.hypot(x - point.x, y + portOffset(place, inputs.length) - point.y),
      })),
    ];
    for (const { near, distance } of ports) {
      if (distance < least) {
        least = distance;
        best = near;
      }
    }
  }
  return best;
}
