/** Which parameter an error is about: events do not tell, the execution itself does. Pure. */
import type { RunStates } from "@/graph/run-state";

/** What an execution failed with. */
export type Failure = Readonly<Record<string, unknown>> | null | undefined;

/** The parameter that an error names, if it names one. */
export function parameterOf(failure: Failure): string | undefined {
  const details: unknown = failure?.details;
  if (typeof details !== "object" || details === null || !("parameter" in details)) return undefined;
  return typeof details.parameter === "string" ? details.parameter : undefined;
}

/** The states, in which the step that failed says which of its parameters it failed for. */
export function withFailure(states: RunStates, failure: Failure): RunStates {
  const parameter = parameterOf(failure);
  const node = failure?.node;
  const state = typeof node === "string" ? states.get(node) : undefined;
  if (typeof node !== "string" || parameter === undefined || !state?.error) return states;
  if (state.error.code !== failure?.code) return states;
  return new Map(states).set(node, { ...state, error: { ...state.error, parameter } });
}
