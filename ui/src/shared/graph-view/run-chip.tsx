/** What became of a step in a run, at its upper right corner: icon and figures, the words in the tooltip. */
import { Tooltip } from "@mantine/core";
import type { NodeRunState } from "@/graph/run-state";
import { RUN_LOOKS, runFigures } from "./run-look";
import styles from "./step.module.css";

export function RunChip({ run }: { run: NodeRunState }) {
  if (run.status === "pending" || run.status === "skipped") return null;
  const look = RUN_LOOKS[run.status];
  const figures = runFigures(run);
  return (
    <Tooltip
      multiline
      maw={340}
      label={
        <>
          <div>{figures ? `${look.label}: ${figures}` : look.label}</div>
          {run.error && (
            <div>
              {run.error.message} ({run.error.code})
            </div>
          )}
        </>
      }
    >
      <span className={styles.run} data-run={run.status}>
        <look.icon size={13} stroke={2.6} aria-hidden="true" className={styles.runIcon} />
        {figures && <span>{figures}</span>}
      </span>
    </Tooltip>
  );
}
