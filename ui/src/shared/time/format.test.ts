import { describe, expect, it } from "vitest";
import { formatDuration, formatRelative } from "./format";

describe("formatDuration", () => {
  it.each([
    [0.00002, "< 0.1 ms"],
    [0.0004, "0.4 ms"],
    [0.35, "350 ms"],
    [1.25, "1.25 s"],
    [59.94, "59.9 s"],
    [200, "3 min 20 s"],
    [7500, "2 h 5 min"],
    [86_400, "1 d"],
    [Number.NaN, "–"],
  ])("says %d s as %s", (seconds, expected) => {
    expect(formatDuration(seconds)).toBe(expected);
  });
});

describe("formatRelative", () => {
  const now = new Date("2026-03-01T12:00:00Z");

  it("says what has just been", () => {
    expect(formatRelative(new Date("2026-03-01T11:59:58Z"), now)).toBe("just now");
  });

  it("takes the largest unit that fits", () => {
    expect(formatRelative(new Date("2026-03-01T09:30:00Z"), now)).toContain("2 hr");
  });
});
