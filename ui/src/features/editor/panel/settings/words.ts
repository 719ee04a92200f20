/** What the settings of a node mean, in words that promise nothing that is not so. */
import type { NodeType } from "@/graph/node-type";
import type { WorkflowNode } from "@/graph/workflow";

export type OnError = NonNullable<WorkflowNode["on_error"]>;
export type OnUnknown = NonNullable<WorkflowNode["on_unknown"]>;

export const EFFECTS: Record<NodeType["effect"], { label: string; help: string }> = {
  pure: {
    label: "Changes nothing outside",
    help: "It may run again at any time: after a crash, Wingbeat simply works it out anew.",
  },
  idempotent: {
    label: "Safe to repeat",
    help: "It changes something, and recognises its own repeats: after a crash it runs again and the change happens once.",
  },
  unsafe: {
    label: "Never repeated silently",
    help: "It changes something that cannot be taken back or recognised, such as a request to another system. If a machine dies while it runs, nobody can know whether it happened; then the setting below decides.",
  },
};

export const ON_ERROR: Record<OnError, { label: string; help: string }> = {
  stop: {
    label: "Fail the execution",
    help: "What else runs is cancelled, and the execution ends as failed.",
  },
  continue: {
    label: "Go on",
    help: "The error becomes the output, as `error`, and the next nodes run with it.",
  },
  branch: { label: "Take the error port", help: "The node gets a port `error`, for what is to happen then." },
};

export const ON_UNKNOWN: Record<OnUnknown, { label: string; help: string }> = {
  fail: {
    label: "Fail",
    help: "The step counts as failed. What it did, if it did, stays done: check it by hand.",
  },
  ask: {
    label: "Ask a person",
    help: "The execution waits until somebody looks and says whether it happened.",
  },
  retry: {
    label: "Run it again",
    help: "It may then happen twice. Choose this only where twice does no harm.",
  },
};
