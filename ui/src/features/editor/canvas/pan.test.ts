import { describe, expect, it } from "vitest";
import { shiftInto } from "./pan";

const FRAME = { from: 100, to: 900 };

describe("moving the view to a part", () => {
  it("moves nothing that is seen with room around it", () => {
    expect(shiftInto({ from: 300, to: 400 }, FRAME, 80)).toBe(0);
  });

  it("moves just far enough, from either side", () => {
    expect(shiftInto({ from: 850, to: 1050 }, FRAME, 80)).toBe(-230);
    expect(shiftInto({ from: 50, to: 250 }, FRAME, 80)).toBe(130);
  });

  it("takes the middle of what has no room", () => {
    expect(shiftInto({ from: 0, to: 1000 }, FRAME, 80)).toBe(0);
    expect(shiftInto({ from: 120, to: 900 }, FRAME, 80)).toBe(-10);
  });
});
