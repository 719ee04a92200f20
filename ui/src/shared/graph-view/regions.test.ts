import { describe, expect, it } from "vitest";
import type { Structure } from "@/graph/structure";
import { regionBoxes } from "./regions";

describe("regions of loops", () => {
  it("are around their nodes and around the regions within", () => {
    const structure = {
      bodies: new Map([
        ["outer", ["a", "inner"]],
        ["inner", ["b"]],
        ["empty", []],
      ]),
      depthOf: new Map([
        ["outer", 0],
        ["inner", 1],
      ]),
    } as unknown as Structure;
    const at: Record<string, number> = { a: 0, inner: 300, b: 600 };
    const boxes = regionBoxes(structure, (id) => ({ x: at[id] ?? 0, y: 0, width: 200, height: 64 }));
    expect(boxes.map((box) => box.loop)).toEqual(["outer", "inner"]);
    expect(boxes[1]).toMatchObject({ x: 584, y: -38, width: 232, height: 118 });
    expect(boxes[0]).toMatchObject({ x: -16, y: -76, width: 848 });
  });
});
