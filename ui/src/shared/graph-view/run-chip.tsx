/** What became of a step in a run, at its upper right corner: icon and figures, the words in the tooltip. */
import type { NodeRunState } from "@/graph/run-state";
import { isPartlyFailed, lookOfRun, runFigures } from "./run-look";
import styles from "./step.module.css";

export function RunChip({ run }: { run: NodeRunState }) {
  if (run.status === "pending" || run.status === "skipped") return null;
  const look = lookOfRun(run);
  const kind = isPartlyFailed(run) ? "partly" : run.status;
  const figures = runFigures(run);
  const words = figures ? `${look.label}: ${figures}` : look.label;
  const error = run.error && `\n${run.error.message} (${run.error.code})`;
  return (
    <span className={styles.run} aria-hidden="true" data-run={kind} data-hint={words + (error ?? "")}>
      <look.icon size={13} stroke={2.6} aria-hidden="true" className={styles.runIcon} />
      {figures && <span>{figures}</span>}
    </span>
  );
}
