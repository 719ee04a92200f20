import { describe, expect, it } from "vitest";
import { failedAfter, turnToOpen } from "./turns";

const turns = (...statuses: string[]) =>
  statuses.map((status, place) => ({ scope: `orders:${place}`, status }));

describe("the iterations of a step", () => {
  it("open at the first that failed, else at the last", () => {
    expect(turnToOpen(turns("completed", "failed", "failed", "completed"))?.scope).toBe("orders:1");
    expect(turnToOpen(turns("completed", "completed"))?.scope).toBe("orders:1");
    expect(turnToOpen([])).toBeUndefined();
  });

  it("go round those that failed", () => {
    const all = turns("failed", "completed", "failed", "completed");
    expect(failedAfter(all, 0)).toEqual({ count: 2, next: all[2] });
    expect(failedAfter(all, 1)).toEqual({ count: 2, next: all[2] });
    expect(failedAfter(all, 3)).toEqual({ count: 2, next: all[0] });
  });

  it("go nowhere from the only one that failed", () => {
    expect(failedAfter(turns("completed", "failed"), 1)).toEqual({ count: 1, next: null });
    expect(failedAfter(turns("completed"), 0)).toEqual({ count: 0, next: null });
  });
});
