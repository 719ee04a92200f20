import { Tooltip } from "@mantine/core";
import type { ExecutionStatus } from "@/shared/ui/status-badge";
import { describeRecent } from "../recent";
import styles from "../workflows.module.css";

const WIDTH = 5;
const MOST = 20;
// Told apart by height too, and not by colour alone: what failed stands out.
const HEIGHTS: Readonly<Record<ExecutionStatus, number>> = {
  completed: 10,
  failed: 18,
  cancelled: 4,
  running: 14,
  waiting: 14,
  paused: 14,
  pending: 4,
};

/** How the last executions went: a bar for each, the newest at the right. */
export function Sparkline({ recent }: { recent: readonly ExecutionStatus[] }) {
  const label = describeRecent(recent);
  const from = MOST - recent.length;
  return (
    <Tooltip label={label}>
      <svg className={styles.sparkline} viewBox={`0 0 ${MOST * WIDTH} 18`} role="img" aria-label={label}>
        {Array.from({ length: MOST }, (_, place) => {
          const status = recent[place - from];
          const height = status ? HEIGHTS[status] : 2;
          return (
            <rect
              // biome-ignore lint/suspicious/noArrayIndexKey: bars have places, and nothing else
              key={place}
              data-status={status ?? "none"}
              x={place * WIDTH}
              y={18 - height}
              width={WIDTH - 1.5}
              height={height}
              rx={1}
            />
          );
        })}
      </svg>
    </Tooltip>
  );
}
