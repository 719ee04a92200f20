/** The line from a port to the pointer while somebody connects. */
import { type ConnectionLineComponentProps, getBezierPath, Position } from "@xyflow/react";
import type { FlowNode } from "@/shared/graph-view/elements";

export function ConnectionPreview(props: ConnectionLineComponentProps<FlowNode>) {
  const { fromX, fromY, fromPosition, toX, toY, connectionStatus } = props;
  const [path] = getBezierPath({
    sourceX: fromX,
    sourceY: fromY,
    sourcePosition: fromPosition,
    targetX: toX,
    targetY: toY,
    targetPosition: fromPosition === Position.Right ? Position.Left : Position.Right,
    curvature: 0.3,
  });
  const color = connectionStatus === "invalid" ? "red" : "wing";
  return (
    <g>
      <path
        d={path}
        fill="none"
        stroke={`var(--mantine-color-${color}-filled)`}
        strokeWidth={2.25}
        strokeDasharray="6 4"
      />
      <circle cx={toX} cy={toY} r={5} fill={`var(--mantine-color-${color}-filled)`} />
    </g>
  );
}
