import { describe, expect, it } from "vitest";
import { node, TYPES } from "./fixtures";
import { inputsOf, outputsOf } from "./ports";
import type { Json, WorkflowNode } from "./workflow";

function names(of: WorkflowNode): string[] {
  return outputsOf(TYPES.get(of.type), of).map((port) => port.name);
}

describe("ports", () => {
  it("come from the type, or are one in and one out where that is not known", () => {
    expect(names(node("a", "condition.if"))).toEqual(["true", "false"]);
    expect(names(node("a", "gone.type"))).toEqual(["out"]);
    expect(inputsOf(undefined)).toEqual(["in"]);
    expect(inputsOf(TYPES.get("trigger.manual"))).toEqual([]);
  });

  it("are named by parameters, each once", () => {
    const cases: Json = [{ port: "small" }, { port: "large" }, { port: "small" }, {}, "nonsense"];
    expect(names(node("a", "condition.switch", { cases }))).toEqual(["small", "large", "default"]);
    expect(names(node("a", "condition.switch", { cases: "nonsense" }))).toEqual(["default"]);
  });

  it("are there only when the parameters say so", () => {
    expect(names(node("a", "flow.limit"))).toEqual(["out"]);
    expect(names(node("a", "flow.limit", { longest: 5 }))).toEqual(["out", "limited"]);
  });

  it("end with the error, where it goes its own way", () => {
    expect(names({ ...node("a", "condition.if"), on_error: "branch" })).toEqual(["true", "false", "error"]);
  });

  it("are the same array for the same parameters", () => {
    const one = { ...node("a", "condition.switch", { cases: [{ port: "x" }] }), on_error: "branch" } as const;
    const moved = { ...one, position: { x: 5, y: 5 } };
    const type = TYPES.get("condition.switch");
    expect(outputsOf(type, moved)).toBe(outputsOf(type, one));
  });
});
