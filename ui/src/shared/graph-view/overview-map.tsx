/** The small map in the corner: nodes in their colours, what is seen as a frame. */
import { MiniMap, type MiniMapNodeProps } from "@xyflow/react";
import { memo } from "react";
import { useDrawing } from "./drawing";
import type { FlowNode } from "./elements";
import styles from "./graph-view.module.css";
import { lookOf } from "./looks";

export const OverviewMap = memo(function OverviewMap() {
  return (
    <MiniMap<FlowNode>
      pannable
      zoomable
      className={styles.map}
      ariaLabel="Small map: drag to move the view"
      nodeComponent={Spot}
      nodeColor={colorOf}
      maskColor="color-mix(in srgb, var(--wb-canvas) 70%, transparent)"
      bgColor="var(--wb-surface)"
      position="bottom-right"
      style={{ width: 168, height: 108 }}
    />
  );
});

function colorOf(element: FlowNode): string {
  if (element.type !== "step") return "none";
  return `var(--mantine-color-${lookOf(element.data.type).color}-5)`;
}

const STATUS_COLORS: Readonly<Record<string, string>> = {
  running: "var(--mantine-color-blue-6)",
  failed: "var(--mantine-color-red-6)",
};

const Spot = memo(function Spot({ id, x, y, width, height, color }: MiniMapNodeProps) {
  const status = useDrawing((drawing) => drawing.runStates.get(id)?.status);
  if (color === "none") return null;
  return (
    <rect
      x={x}
      y={y}
      width={width}
      height={height}
      rx={8}
      fill={(status && STATUS_COLORS[status]) ?? color}
    />
  );
});
