import { describe, expect, it } from "vitest";
import type { NodeSummary } from "../api";
import { runStatesOf } from "./run-states";

function summary(node: string, more: Partial<NodeSummary>): NodeSummary {
  return {
    node_id: node,
    runs: 0,
    failures: 0,
    retries: 0,
    scopes: 1,
    first_start: "",
    last_end: "",
    seconds: 1,
    last_status: "completed",
    last_scope: "",
    last_sequence: 1,
    last_error_code: null,
    ...more,
  };
}

function statuses(status: "running" | "failed" | "paused", lines: NodeSummary[], error: unknown = null) {
  const states = runStatesOf({ status, error: error as never }, lines, ["a", "b", "c"]);
  return Object.fromEntries([...states].map(([id, state]) => [id, state.status]));
}

describe("runStatesOf", () => {
  const failed = summary("a", { failures: 1, last_status: "failed", last_error_code: "X" });
  const retrying = summary("b", { retries: 1, last_status: "failed" });

  it("says that the rest was skipped once it is over, and nothing of it before", () => {
    expect(statuses("failed", [failed])).toEqual({ a: "failed", b: "skipped", c: "skipped" });
    expect(statuses("running", [failed, retrying, summary("c", { last_status: "waiting" })])).toEqual({
      a: "failed",
      b: "retrying",
      c: "waiting",
    });
  });

  it("marks where it failed, and the loops that it failed in", () => {
    const lines = [summary("a", { runs: 1 }), summary("b", { last_status: "opened" })];
    expect(statuses("failed", lines, { node: "a", code: "X", message: "m" })).toEqual({
      a: "failed",
      b: "failed",
      c: "skipped",
    });
  });

  it("marks where a paused one asks", () => {
    expect(statuses("paused", [summary("a", { runs: 1 })], { steps: [{ node: "b", scope: "" }] })).toEqual({
      a: "completed",
      b: "paused",
    });
  });
});
