import { describe, expect, it } from "vitest";
import { linePath } from "./line-path";

const from = { x: 0, y: 0 };
const to = { x: 300, y: 0 };
const around = [from, { x: 16, y: 0 }, { x: 16, y: 80 }, { x: 284, y: 80 }, { x: 284, y: 0 }, to];

describe("the line of a connection", () => {
  it("goes along its way, with round corners, up to its arrow", () => {
    const { path, middle } = linePath(from, to, around);
    expect(path.startsWith("M0,0L8,0Q16,0 16,8")).toBe(true);
    expect(path.endsWith("L294,0")).toBe(true);
    expect(middle).toEqual({ x: 150, y: 80 });
  });

  it("is a curve where it has no way, or one that belongs to other ends", () => {
    const { path } = linePath(from, to, undefined);
    expect(path).toContain("C");
    const elsewhere = { x: 300, y: 40 };
    expect(linePath(from, elsewhere, around).path).toBe(linePath(from, elsewhere, undefined).path);
  });
});
