/** All connections as a few lines, for drawings seen from so far that none can be hit. */
import { ViewportPortal } from "@xyflow/react";
import styles from "./connection.module.css";
import { useDrawing } from "./drawing";
import type { FlowEdge, FlowNode } from "./elements";
import { useFarLines, usePlacedElements } from "./use-far-drawing";

interface Props {
  nodes: readonly FlowNode[];
  edges: readonly FlowEdge[];
}

export function FarConnections({ nodes, edges }: Props) {
  const far = useDrawing((drawing) => drawing.detail !== "full");
  return far ? <Lines nodes={nodes} edges={edges} /> : null;
}

function Lines({ nodes, edges }: Props) {
  const lines = useFarLines(usePlacedElements(nodes), edges);
  return (
    <ViewportPortal>
      <svg className={styles.far} aria-hidden="true">
        {[...lines].map(([look, path]) => (
          <g
            key={look}
            className={styles.connection}
            data-look={look}
            data-error={look === "error" || undefined}
          >
            <path d={path} className={styles.line} />
          </g>
        ))}
      </svg>
    </ViewportPortal>
  );
}
