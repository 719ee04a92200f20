import { describe, expect, it } from "vitest";
import type { NodeRunState } from "@/graph/run-state";
import { edgeRun, lookOfRun, runFigures } from "./run-look";

function state(about: Partial<NodeRunState>): NodeRunState {
  return { status: "completed", runs: 1, failed: 0, duration: 0.35, attempt: 1, ...about };
}

describe("what a run looks like", () => {
  it("says how far a loop is, and which attempt a node is at", () => {
    expect(runFigures(state({ iterations: { done: 3, of: 20 } }))).toBe("3/20 · 350 ms");
    expect(runFigures(state({ iterations: { done: 3, of: null } }))).toBe("3/… · 350 ms");
    expect(runFigures(state({ status: "retrying", attempt: 2, duration: null }))).toBe("attempt 2");
    expect(runFigures(state({ runs: 20, failed: 2 }))).toBe("×20 · 2 failed · 350 ms");
  });

  it("does not say of a step that failed for some items that all is well", () => {
    expect(lookOfRun(state({ runs: 3, failed: 1 })).label).toBe("Failed in part");
    expect(lookOfRun(state({ runs: 3 })).label).toBe("Completed");
    expect(lookOfRun(state({ status: "failed", runs: 3, failed: 1 })).label).toBe("Failed");
  });

  it("tells taken connections from dead ones", () => {
    const yes = { from: "if", from_port: "true", to: "a" };
    const no = { from: "if", from_port: "false", to: "b" };
    const states = new Map([["if", state({ ports: { true: 12 } })]]);
    expect(edgeRun(yes, states)).toBe("taken 12");
    expect(edgeRun(no, states)).toBe("dead 0");
    expect(edgeRun({ from: "z", to: "a" }, states)).toBe("idle 0");
  });

  it("knows the way of an error by what ran after it", () => {
    const states = new Map([
      ["ask", state({ status: "failed", failed: 1, ports: {} })],
      ["mend", state({})],
      ["next", state({ status: "skipped", runs: 0 })],
    ]);
    expect(edgeRun({ from: "ask", from_port: "error", to: "mend" }, states)).toBe("taken 1");
    expect(edgeRun({ from: "ask", to: "next" }, states)).toBe("dead 0");
  });

  it("goes by the nodes after it where the ports are not known", () => {
    const states = new Map([
      ["if", state({})],
      ["a", state({ status: "running", runs: 0 })],
      ["b", state({ status: "skipped", runs: 0 })],
    ]);
    expect(edgeRun({ from: "if", to: "a" }, states)).toBe("flowing 1");
    expect(edgeRun({ from: "if", to: "b" }, states)).toBe("dead 0");
  });
});
