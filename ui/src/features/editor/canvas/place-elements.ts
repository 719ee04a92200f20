/** Where elements are while they are dragged: told to React Flow alone, so that a frame costs what moves, not all. */
import type { ReactFlowState } from "@xyflow/react";
import type { StoreApi } from "zustand";
import type { Position } from "@/graph/workflow";

type FlowStore = Pick<StoreApi<ReactFlowState>, "getState" | "setState">;

/** Until the next change of the workflow, which has the last word. */
export function placeElements(flow: FlowStore, positions: ReadonlyMap<string, Position>): void {
  const nodeLookup = new Map(flow.getState().nodeLookup);
  for (const [id, position] of positions) {
    const element = nodeLookup.get(id);
    if (element === undefined) continue;
    const internals = { ...element.internals, positionAbsolute: position };
    nodeLookup.set(id, { ...element, position, internals });
  }
  flow.setState({ nodeLookup });
}
