import { describe, expect, it } from "vitest";
import { checkDrawing, updated } from "./checks";
import { node, TYPES, workflow } from "./fixtures";
import { type Problem, problemsOf, settle } from "./problems";

const codes = (problems: readonly Problem[]) =>
  problems.map(({ code, node: id }) => `${code} ${id ?? ""}`.trim());

describe("checkDrawing", () => {
  it("finds nothing wrong with what is right", () => {
    expect(checkDrawing(workflow([node("a", "trigger.manual"), node("b")], ["a > b"]), TYPES)).toEqual([]);
  });

  it("finds all that is wrong with the drawing", () => {
    const nodes = [node("a"), node("b"), node("l", "loop.foreach"), node("x"), node("y", "condition.if")];
    const arrows = ["a > b", "b > a", "l.body > x", "l.done > y", "x > y", "y.maybe > b"];
    expect(codes(checkDrawing(workflow(nodes, arrows), TYPES))).toEqual([
      "unknown_port y",
      "no_trigger",
      "connection_leaves_loop x",
      "cycle b",
    ]);
    expect(
      checkDrawing(workflow(nodes, arrows), TYPES).map(({ connection }) => connection?.from ?? null),
    ).toEqual(["y", null, "x", "a"]);
    const into = workflow([node("t", "trigger.manual"), node("u", "trigger.manual")], ["t > u"]);
    expect(codes(checkDrawing(into, TYPES))).toEqual(["connection_into_trigger u"]);
    expect(codes(checkDrawing(workflow([node("z", "gone.type")]), TYPES))).toEqual(["unknown_type z"]);
  });

  it("brings up to date what the server said", () => {
    const said: Problem[] = [
      { code: "no_trigger", severity: "error", message: "Nothing can start the workflow." },
      { code: "unreachable", severity: "warning", message: "Never runs.", node: "b" },
      { code: "parameter_invalid", severity: "error", message: "Wrong.", node: "gone" },
    ];
    const now = workflow([node("a", "trigger.manual"), node("b")]);
    expect(codes(updated(said, now, TYPES))).toEqual(["unreachable b"]);
    expect(updated(said, workflow([node("b")]), TYPES)[0]).toBe(said[0]);
  });
});

describe("settle", () => {
  const problem = (id: string, message = "x"): Problem => ({
    code: "c",
    severity: "error",
    message,
    node: id,
  });

  it("keeps lists that say the same", () => {
    const before = [problem("a"), problem("b")];
    expect(settle(before, [problem("a"), problem("b")])).toBe(before);
    const after = settle(before, [problem("a"), problem("b", "y")]);
    expect(problemsOf(after, "a")).toBe(problemsOf(before, "a"));
    expect(problemsOf(after, "b")).toEqual([problem("b", "y")]);
  });
});
