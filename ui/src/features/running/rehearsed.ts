/** What a test run came to, as the canvas draws it. Pure. */
import { BODY } from "@/graph/ports";
import type { NodeRunState, RunStates, StepFault } from "@/graph/run-state";
import type { Rehearsal } from "./api";
import { parameterOf } from "./failure";

type Traced = Rehearsal["trace"][number];

export function statesOfRehearsal(rehearsal: Rehearsal, all: readonly string[]): RunStates {
  const states = new Map<string, NodeRunState>();
  for (const step of rehearsal.trace) states.set(step.node_id, withStep(states.get(step.node_id), step));
  for (const id of all) {
    if (!states.has(id))
      states.set(id, { status: "skipped", runs: 0, failed: 0, duration: null, attempt: 1 });
  }
  return states;
}

function withStep(before: NodeRunState | undefined, step: Traced): NodeRunState {
  const failed = step.status === "failed";
  const ports: Record<string, number> = { ...before?.ports };
  for (const port of step.ports) ports[port] = (ports[port] ?? 0) + 1;
  return {
    status: failed ? "failed" : "completed",
    // A loop that was opened has not run yet.
    runs: (before?.runs ?? 0) + (step.ports.includes(BODY) ? 0 : 1),
    failed: (before?.failed ?? 0) + (failed ? 1 : 0),
    duration: step.seconds,
    attempt: step.attempt,
    ports,
    ...(step.error && { error: faultOf(step.error) }),
  };
}

function faultOf(error: NonNullable<Traced["error"]>): StepFault {
  const parameter = parameterOf(error);
  const told = { code: String(error.code ?? ""), message: String(error.message ?? "") };
  return parameter === undefined ? told : { ...told, parameter };
}
