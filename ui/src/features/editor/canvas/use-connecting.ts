/** Connecting by dragging: port to port, port to step, port into the void, and the end of a connection elsewhere. */
import type {
  Connection as Drawn,
  FinalConnectionState,
  IsValidConnection,
  OnReconnect,
} from "@xyflow/react";
import { useReactFlow } from "@xyflow/react";
import { useCallback, useRef } from "react";
import { canConnect } from "@/graph/can-connect";
import type { End } from "@/graph/connections";
import { NODE_WIDTH, portOffset } from "@/graph/geometry";
import { inputsOf } from "@/graph/ports";
import type { Position } from "@/graph/workflow";
import { type FlowEdge, type FlowNode, portOf } from "@/shared/graph-view/elements";
import { type EditorStore, useEditorStore } from "../store";
import { freePort } from "./beside";
import { type CanvasStore, useCanvasStore } from "./canvas-state";
import { connectSteps, reconnectTo, refuse, removeConnection } from "./editing";
import { pointOf, stepAt } from "./hits";

function endsOf({ source, sourceHandle, target, targetHandle }: Drawn | FlowEdge): { from: End; to: End } {
  return {
    from: { node: source, port: portOf(sourceHandle) ?? "" },
    to: { node: target, port: portOf(targetHandle) ?? "" },
  };
}

export function useConnecting() {
  const store = useEditorStore();
  const canvas = useCanvasStore();
  const { screenToFlowPosition } = useReactFlow<FlowNode, FlowEdge>();
  // The id of the connection whose end is being dragged.
  const reconnecting = useRef<string | null>(null);

  const isValidConnection: IsValidConnection<FlowEdge> = useCallback(
    (drawn) => {
      const { history, nodeTypes } = store.getState();
      const { from, to } = endsOf(drawn as Drawn);
      return canConnect(history.present, nodeTypes, from, to, reconnecting.current).ok;
    },
    [store],
  );

  const onConnect = useCallback(
    (drawn: Drawn) => {
      const { from, to } = endsOf(drawn);
      connectSteps(store, from, to);
    },
    [store],
  );

  const onConnectEnd = useCallback(
    (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
      if (reconnecting.current !== null || state.isValid) return;
      endConnection(store, canvas, event, state, screenToFlowPosition);
    },
    [store, canvas, screenToFlowPosition],
  );

  const onReconnectStart = useCallback((_event: unknown, edge: FlowEdge) => {
    reconnecting.current = edge.id;
  }, []);

  const onReconnect: OnReconnect<FlowEdge> = useCallback(
    (edge, drawn) => {
      const { from, to } = endsOf(drawn);
      reconnectTo(store, edge.id, from, to);
    },
    [store],
  );

  const onReconnectEnd = useCallback(
    (_event: unknown, edge: FlowEdge, _type: unknown, state: FinalConnectionState) => {
      reconnecting.current = null;
      if (!state.isValid && state.toHandle === null) removeConnection(store, edge.id);
    },
    [store],
  );

  return { isValidConnection, onConnect, onConnectEnd, onReconnectStart, onReconnect, onReconnectEnd };
}

function endConnection(
  store: EditorStore,
  canvas: CanvasStore,
  event: MouseEvent | TouchEvent,
  { fromHandle, toHandle }: FinalConnectionState,
  toFlow: (position: Position) => Position,
): void {
  const port = portOf(fromHandle?.id);
  if (!fromHandle || port === null) return;
  const end = { node: fromHandle.nodeId, port };
  const other = toHandle?.nodeId ?? stepAt(event);
  const forward = fromHandle.type === "source";
  if (other !== null) {
    connectWithStep(store, end, other, forward, portOf(toHandle?.id));
    return;
  }
  const at = pointOf(event);
  const { x, y } = toFlow(at);
  const position = { x: forward ? x : x - NODE_WIDTH, y: y - portOffset(0, 1) };
  canvas.setState({ adding: { at, intent: { kind: forward ? "after" : "before", end, position } } });
}

/** By the port that was meant, else by the first that there is. */
function connectWithStep(
  store: EditorStore,
  end: End,
  other: string,
  forward: boolean,
  meant: string | null,
): void {
  if (other === end.node) return;
  const { history, nodeTypes } = store.getState();
  const node = history.present.nodes.find((one) => one.id === other);
  if (node === undefined) return;
  const first = forward ? inputsOf(nodeTypes.get(node.type))[0] : freePort(history.present, node, nodeTypes);
  const port = meant ?? first;
  if (port == null) {
    refuse(
      forward ? "This node begins the workflow: nothing can lead into it." : "Nothing can follow this step.",
    );
    return;
  }
  const own = { node: other, port };
  connectSteps(store, forward ? end : own, forward ? own : end);
}
