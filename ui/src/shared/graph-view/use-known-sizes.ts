/**
 * Sizes of steps and places of ports are known before anything is drawn (graph/geometry.ts), so React Flow need not
 * measure what it draws: measuring whatever comes into view would cost most of each frame.
 */
import { useStoreApi } from "@xyflow/react";
import { useState } from "react";

/** To be called before the first `ReactFlow` below the same provider is drawn. */
export function useKnownSizes(): void {
  const store = useStoreApi();
  useState(() => store.setState({ updateNodeInternals: () => undefined }));
}
