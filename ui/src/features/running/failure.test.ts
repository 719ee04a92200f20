import { describe, expect, it } from "vitest";
import type { NodeRunState } from "@/graph/run-state";
import { withFailure } from "./failure";

const error = { code: "DIVISION", message: "Cannot divide by 0." };
const state: NodeRunState = { status: "failed", runs: 1, failed: 1, duration: 0, attempt: 1, error };

describe("what an execution failed with", () => {
  it("tells the step that failed which of its parameters is meant", () => {
    const failure = { ...error, node: "b", details: { parameter: "value.a" } };
    const states = withFailure(new Map([["b", state]]), failure);
    expect(states.get("b")?.error).toEqual({ ...error, parameter: "value.a" });
  });

  it("changes nothing where no parameter is named, or another step failed", () => {
    const states = new Map([["b", state]]);
    expect(withFailure(states, null)).toBe(states);
    expect(withFailure(states, { ...error, node: "b" })).toBe(states);
    expect(withFailure(states, { ...error, node: "c", details: { parameter: "a" } })).toBe(states);
  });
});
