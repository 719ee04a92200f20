/** How the last executions of a workflow went, in words and figures. */
import type { ExecutionStatus } from "@/shared/ui/status-badge";

/** As “18 completed, 2 failed”; the commonest first. */
export function describeRecent(recent: readonly ExecutionStatus[]): string {
  const counts = new Map<ExecutionStatus, number>();
  for (const status of recent) counts.set(status, (counts.get(status) ?? 0) + 1);
  const parts = [...counts].sort(([, a], [, b]) => b - a).map(([status, count]) => `${count} ${status}`);
  return recent.length === 0 ? "It has not run yet" : `Last ${recent.length}: ${parts.join(", ")}`;
}
