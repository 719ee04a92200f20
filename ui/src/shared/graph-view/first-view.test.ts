import { describe, expect, it } from "vitest";
import { firstView } from "./first-view";

describe("the first view of a drawing", () => {
  it("shows all of a small one, in the middle and not larger than life", () => {
    expect(firstView([{ x: 0, y: 0, width: 200, height: 64 }], 1000, 600)).toEqual({
      x: 400,
      y: 268,
      zoom: 1,
    });
  });

  it("begins at the left of one that could not be read as a whole", () => {
    const rectangles = Array.from({ length: 100 }, (_, place) => ({
      x: place * 240,
      y: 0,
      width: 200,
      height: 64,
    }));
    const view = firstView(rectangles, 1000, 600);
    expect(view.zoom).toBe(0.7);
    expect(view.x).toBe(32);
  });

  it("shows all of one with few steps even a little smaller", () => {
    const rectangles = Array.from({ length: 6 }, (_, place) => ({
      x: place * 256,
      y: 0,
      width: 200,
      height: 64,
    }));
    expect(firstView(rectangles, 900, 600).zoom).toBeCloseTo(836 / 1480);
  });

  it("keeps clear of what may come to cover its right, where it can be read there", () => {
    const rectangles = [
      { x: 0, y: 0, width: 200, height: 64 },
      { x: 600, y: 0, width: 200, height: 64 },
    ];
    expect(firstView(rectangles, 1300, 600, 400)).toMatchObject({ x: 900 - 32 - 800, zoom: 1 });
    expect(firstView(rectangles, 1000, 600, 400)).toMatchObject({ x: 100, zoom: 1 });
  });

  it("leaves room at the right of the beginning when there is nothing", () => {
    expect(firstView([], 900, 600)).toEqual({ x: 300, y: 300, zoom: 1 });
  });
});
