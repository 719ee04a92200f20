/** What is drawn on the nodes of an execution, out of one line for each. Pure. */
import type { NodeRunState, NodeRunStatus, RunStates } from "@/graph/run-state";
import type { Execution, NodeSummary } from "../api";
import { isOver } from "../api";

type About = Pick<Execution, "status" | "error">;

export function runStatesOf(
  execution: About,
  summaries: readonly NodeSummary[],
  all: readonly string[],
): RunStates {
  const over = isOver(execution.status);
  const rests = execution.status === "paused" ? new Set(restsAt(execution.error)) : new Set<string>();
  const states = new Map<string, NodeRunState>();
  for (const summary of summaries) {
    if (summary.node_id) states.set(summary.node_id, stateOf(summary, execution.status, over));
  }
  markFailure(states, execution);
  for (const id of rests) states.set(id, { ...(states.get(id) ?? UNTOUCHED), status: "paused" });
  if (over) for (const id of all) if (!states.has(id)) states.set(id, { ...UNTOUCHED, status: "skipped" });
  return states;
}

const UNTOUCHED = { runs: 0, failed: 0, duration: null, attempt: 1 };

/** The node that the execution failed at: what it says of itself may be that it did what it was for. */
function markFailure(states: Map<string, NodeRunState>, { status, error }: About): void {
  if (status !== "failed" || typeof error?.node !== "string") return;
  const state = states.get(error.node);
  const told = { code: String(error.code), message: String(error.message ?? "") };
  if (state)
    states.set(error.node, { ...state, status: "failed", failed: Math.max(state.failed, 1), error: told });
}

function stateOf(summary: NodeSummary, status: About["status"], over: boolean): NodeRunState {
  return {
    status: statusOf(summary, status, over),
    runs: summary.runs + summary.failures,
    failed: summary.failures,
    duration: summary.seconds,
    attempt: summary.retries + 1,
    ...(summary.last_status === "failed" &&
      summary.last_error_code && {
        error: { code: summary.last_error_code, message: summary.last_error_code },
      }),
  };
}

function statusOf(summary: NodeSummary, status: About["status"], over: boolean): NodeRunStatus {
  if (summary.last_status === "completed")
    return summary.failures > 0 && summary.runs === 0 ? "failed" : "completed";
  if (summary.last_status === "failed")
    return !over && summary.retries > summary.failures ? "retrying" : "failed";
  if (over) return summary.runs > 0 ? "completed" : status === "failed" ? "failed" : "skipped";
  return summary.last_status === "waiting" ? "waiting" : "running";
}

export interface Asked {
  readonly node: string;
  readonly scope: string;
  readonly input?: unknown;
}

/** The steps before which an execution rests, or about which it asks. */
export function stepsAsked(error: Execution["error"]): Asked[] {
  const steps = error?.steps;
  if (!Array.isArray(steps)) return [];
  return (steps as Record<string, unknown>[]).map((one) => ({
    node: String(one.node),
    scope: String(one.scope ?? ""),
    ...("input" in one && { input: one.input }),
  }));
}

function restsAt(error: Execution["error"]): string[] {
  return stepsAsked(error).map((one) => one.node);
}
