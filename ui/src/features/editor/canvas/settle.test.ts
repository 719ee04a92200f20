import { describe, expect, it } from "vitest";
import { settle } from "./settle";

const box = (x: number, y: number) => ({ x, y, width: 200, height: 64 });

describe("where a dragged box comes to rest", () => {
  it("is the grid when nothing is near", () => {
    expect(settle(box(21, 37), [box(900, 900)], 6)).toEqual({ x: 16, y: 32, guides: [] });
  });

  it("is in line with what is near, and shows the line through both", () => {
    const settled = settle(box(303, 300), [box(300, 100)], 6);
    expect(settled).toMatchObject({ x: 300, y: 304 });
    expect(settled.guides).toContainEqual({ axis: "x", at: 300, from: 100, to: 368 });
  });

  it("goes by the middle where heights differ", () => {
    const tall = { x: 400, y: 0, width: 200, height: 104 };
    expect(settle(box(0, 22), [tall], 6).y).toBe(20);
  });
});
