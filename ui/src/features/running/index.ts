/** Running a workflow from the editor: the bar, the states of nodes, and what can be done with one step. */
export { keepTriggerData } from "./kept";
export { RehearsedStep } from "./rehearsed-step";
export { RunBar } from "./run-bar";
export { stepActions } from "./step-actions";
export { createRunStore, type RunStore } from "./store";
export { useRunStates } from "./use-run-states";
