import { describe, expect, it } from "vitest";
import type { Bar } from "./timeline";
import { loopsAround, rowsOf, SHOWN_AT_ONCE } from "./timeline-rows";

function bar(node: string, scope = ""): Bar {
  const depth = scope === "" ? 0 : scope.split("/").length;
  const rest = { start: 0, end: 1, status: "completed", attempts: 1, segments: [], lastSequence: 0 } as const;
  return { key: `${node}@${scope}`, node, scope, depth, ...rest, errorCode: null };
}

function shown(bars: Bar[], chosen: [string, boolean][] = []): string[] {
  return rowsOf(bars, new Map(chosen)).map((row) => row.bar.key);
}

describe("rowsOf", () => {
  it("puts the steps of iterations below their loop, however deep", () => {
    const bars = [bar("each"), bar("end"), bar("b", "each:0"), bar("in", "each:0"), bar("x", "each:0/in:1")];
    expect(shown(bars)).toEqual(["each@", "b@each:0", "in@each:0", "x@each:0/in:1", "end@"]);
    expect(shown(bars, [["in@each:0", false]])).not.toContain("x@each:0/in:1");
    expect(rowsOf(bars, new Map())[0]).toMatchObject({ inside: 3, iterations: 1, open: true });
  });

  it("folds a loop with many steps until it is opened", () => {
    const many = Array.from({ length: SHOWN_AT_ONCE + 1 }, (_, place) => bar("b", `each:${place}`));
    expect(shown([bar("each"), ...many])).toEqual(["each@"]);
    expect(shown([bar("each"), ...many], [["each@", true]])).toHaveLength(SHOWN_AT_ONCE + 2);
  });

  it("leaves out no step whose loop is not there", () => {
    expect(shown([bar("b", "each:0")])).toEqual(["b@each:0"]);
  });
});

describe("loopsAround", () => {
  it("names every loop that has to be open for a step to be seen", () => {
    expect(loopsAround("a:3/b:0")).toEqual(["b@a:3", "a@"]);
    expect(loopsAround("")).toEqual([]);
  });
});
