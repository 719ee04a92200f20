/** What the canvas draws of an execution that is watched. Pure; a node that did not change keeps its state. */
import { BODY } from "@/graph/ports";
import type { NodeRunState, NodeRunStatus, RunStates } from "@/graph/run-state";
import { isOver, type LiveExecution, type LiveNode } from "./fold";

const drawn = new WeakMap<LiveNode, Map<string, NodeRunState>>();
const SKIPPED: NodeRunState = { status: "skipped", runs: 0, failed: 0, duration: null, attempt: 1 };

/** With `all` nodes of the workflow, those that a finished execution never came to are skipped. */
export function runStatesOf(live: LiveExecution, all: readonly string[] = []): RunStates {
  const rests = new Set(live.restsAt.map((place) => place.node));
  const over = isOver(live.status);
  const states = new Map<string, NodeRunState>();
  for (const [id, node] of live.nodes) {
    const state = stateOf(node, rests.has(id), over);
    if (state !== null) states.set(id, state);
  }
  for (const id of rests) {
    if (!states.has(id)) states.set(id, { ...SKIPPED, status: "paused" });
  }
  markFailure(states, live);
  if (over) {
    for (const id of all) if (!states.has(id)) states.set(id, SKIPPED);
  }
  return states;
}

/** The step that the execution failed at, also where a limit stopped it before it had an end of its own. */
function markFailure(states: Map<string, NodeRunState>, { status, error }: LiveExecution): void {
  if (status !== "failed" || !error?.node) return;
  const state = states.get(error.node) ?? SKIPPED;
  if (state.status === "failed") return;
  states.set(error.node, {
    ...state,
    status: "failed",
    failed: Math.max(state.failed, 1),
    error: { code: error.code ?? "", message: error.message },
  });
}

function stateOf(node: LiveNode, rests: boolean, over: boolean): NodeRunState | null {
  const status = statusOf(node, rests, over);
  if (status === null) return null;
  let kept = drawn.get(node);
  if (kept === undefined) {
    kept = new Map();
    drawn.set(node, kept);
  }
  let state = kept.get(status);
  if (state === undefined) {
    state = draw(node, status);
    kept.set(status, state);
  }
  return state;
}

function statusOf(node: LiveNode, rests: boolean, over: boolean): NodeRunStatus | null {
  if (rests) return "paused";
  if (node.running > 0) return "running";
  switch (node.last) {
    case null:
      return null;
    case "step_completed":
      return "completed";
    case "step_failed":
      return "failed";
    case "step_retrying":
      return over ? "failed" : "retrying";
    case "step_waiting":
      return over ? "skipped" : "waiting";
    default:
      return over ? (node.completed > 0 ? "completed" : "skipped") : "running";
  }
}

function draw(node: LiveNode, status: NodeRunStatus): NodeRunState {
  const state: NodeRunState = {
    status,
    runs: node.completed + node.failed,
    failed: node.failed,
    duration: node.durationMs === null ? null : node.durationMs / 1000,
    attempt: node.attempt,
    ports: node.iteration === null ? node.ports : { ...node.ports, [BODY]: node.iteration + 1 },
  };
  return {
    ...state,
    ...(node.iteration !== null && { iterations: iterationsOf(node, status) }),
    ...(node.error &&
      status !== "completed" && { error: { code: node.error.code ?? "", message: node.error.message } }),
  };
}

function iterationsOf(node: LiveNode, status: NodeRunStatus) {
  const last = node.iteration ?? 0;
  const done = status === "completed" ? (node.total ?? last + 1) : last;
  return { done, of: node.total };
}
