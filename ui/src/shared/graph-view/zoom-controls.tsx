/** Nearer, farther, all of it. */
import { ActionIcon, Paper, Tooltip, UnstyledButton } from "@mantine/core";
import { IconMaximize, IconMinus, IconPlus } from "@tabler/icons-react";
import { Panel, useReactFlow, useStore } from "@xyflow/react";
import type { ReactNode } from "react";
import styles from "./graph-view.module.css";

export function ZoomControls({ children }: { children?: ReactNode }) {
  const { zoomIn, zoomOut, zoomTo, fitView } = useReactFlow();
  return (
    <Panel position="bottom-left">
      <Paper className={styles.controls} role="toolbar" aria-label="View">
        <Control label="Zoom out" keys="−" onClick={() => zoomOut({ duration: 150 })}>
          <IconMinus size={16} />
        </Control>
        <Tooltip label="Actual size">
          <UnstyledButton className={styles.zoom} onClick={() => zoomTo(1, { duration: 150 })}>
            <ZoomLevel />
          </UnstyledButton>
        </Tooltip>
        <Control label="Zoom in" keys="+" onClick={() => zoomIn({ duration: 150 })}>
          <IconPlus size={16} />
        </Control>
        <Control
          label="Show all"
          keys="Shift+1"
          onClick={() => fitView({ padding: 0.1, maxZoom: 1, duration: 250, includeHiddenNodes: true })}
        >
          <IconMaximize size={16} />
        </Control>
        {children}
      </Paper>
    </Panel>
  );
}

function ZoomLevel() {
  const zoom = useStore((state) => Math.round(state.transform[2] * 100));
  return <>{zoom} %</>;
}

interface ControlProps {
  label: string;
  keys?: string;
  onClick: () => void;
  children: ReactNode;
  disabled?: boolean;
}

export function Control({ label, keys, onClick, children, disabled = false }: ControlProps) {
  return (
    <Tooltip label={keys ? `${label} (${keys})` : label}>
      <ActionIcon size={32} aria-label={label} onClick={onClick} disabled={disabled}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
