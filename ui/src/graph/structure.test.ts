import { describe, expect, it } from "vitest";
import { canConnect } from "./can-connect";
import { node, TYPES, workflow } from "./fixtures";
import { ancestors, loopsAround, structure } from "./structure";

const LOOPED = workflow(
  [
    node("start", "trigger.manual"),
    node("each", "loop.foreach"),
    node("inner", "loop.foreach"),
    node("step"),
    node("last"),
    node("after"),
    node("aside"),
  ],
  ["start > each", "each.body > inner", "inner.body > step", "inner.done > last", "each.done > after"],
);

describe("structure", () => {
  it("puts each node after those before it, and into the loop that leads to it", () => {
    const found = structure(LOOPED, TYPES);
    expect(found.order).toEqual(["start", "aside", "each", "inner", "after", "step", "last"]);
    expect(found.cycle).toEqual([]);
    expect(found.bodies).toEqual(
      new Map([
        ["each", ["inner", "last"]],
        ["inner", ["step"]],
      ]),
    );
    expect(loopsAround(found, "step")).toEqual(["inner", "each"]);
    expect([...ancestors(found, "last")]).toEqual(["last", "inner", "each", "start"]);
  });

  it("names the nodes of a circle", () => {
    const round = workflow(
      [node("a"), node("b"), node("c"), node("d")],
      ["a > b", "b > c", "c > b", "c > d"],
    );
    expect([...structure(round, TYPES).cycle].sort()).toEqual(["b", "c"]);
  });

  it("is remembered while nothing of it changes", () => {
    const moved = { ...LOOPED, nodes: LOOPED.nodes.map((one) => ({ ...one, position: { x: 9, y: 9 } })) };
    expect(structure(moved, TYPES)).toBe(structure(LOOPED, TYPES));
  });
});

describe("canConnect", () => {
  const check = (from: string, to: string, port = "out") =>
    canConnect(LOOPED, TYPES, { node: from, port }, { node: to, port: "in" });
  const reason = (from: string, to: string, port?: string) => {
    const verdict = check(from, to, port);
    return verdict.ok ? "ok" : verdict.reason;
  };

  it("allows what has a meaning", () => {
    expect(reason("after", "aside")).toBe("ok");
    expect(reason("step", "aside")).toBe("ok");
    expect(reason("each", "last", "body")).toBe("ok");
  });

  it("says why something has none", () => {
    expect(reason("after", "start")).toContain("begins the workflow");
    expect(reason("after", "after")).toContain("to itself");
    expect(reason("last", "each")).toContain("round in a circle");
    expect(reason("start", "each")).toContain("connected already");
    expect(reason("start", "after", "left")).toContain("no output “left”");
    expect(reason("step", "after")).toContain("leave the loop “loop.foreach”");
    expect(reason("start", "step")).toContain("from outside");
    expect(reason("start", "gone")).toContain("not there");
  });

  it("looks away from the connection that is moved", () => {
    const id = "start/out>each/in";
    const end = { node: "each", port: "in" };
    expect(canConnect(LOOPED, TYPES, { node: "start", port: "out" }, end, id)).toEqual({ ok: true });
  });
});
