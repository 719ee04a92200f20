import { expect, test } from "vitest";
import { changeOf, endsOf, labelOf, percent, pointsOf, sentenceOf } from "./figures";

const NOTHING = {
  executions: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
  active: 0,
  success_rate: null,
  duration: null,
};

test("a change is told against what was before", () => {
  expect(changeOf(110, 100)).toEqual({ text: "10 % more than", direction: "up" });
  expect(changeOf(97.5, 100)).toEqual({ text: "2.5 % less than", direction: "down" });
  expect(changeOf(2772, 100)).toEqual({ text: "28 times", direction: "up" });
  expect(changeOf(5, 5)).toEqual({ text: "as", direction: "same" });
  expect(changeOf(5, 0)).toBeNull();
  expect(pointsOf(0.9, 0.95)).toEqual({ text: "5 points less than", direction: "down" });
  expect(pointsOf(null, 1)).toBeNull();
});

test("nearly all is not all", () => {
  expect([1, 0.984, 0.9997, 0.9999999, 0, null].map(percent)).toEqual([
    "100 %",
    "98.4 %",
    "99.97 %",
    "99.999 %",
    "0 %",
    "–",
  ]);
});

test("a bar is named by the clock of the viewer", () => {
  expect(labelOf("2030-03-31T22:00:00Z", "day", "en-GB", "Europe/Zurich")).toBe("1 Apr");
  expect(labelOf("2030-03-31T22:00:00Z", "hour", "en-GB", "Europe/Zurich")).toBe("Mon 00:00");
});

test("a bucket ends where the next begins, the last with the range", () => {
  const timeline = ["a", "b"].map((start) => ({ ...NOTHING, start }));
  expect(endsOf(timeline, "c")).toEqual(["b", "c"]);
});

test("the chart can be read out", () => {
  expect(sentenceOf(NOTHING)).toBe("No executions.");
  expect(sentenceOf({ ...NOTHING, executions: 3, completed: 2, failed: 1 })).toBe(
    "3 executions: 2 completed, 1 failed.",
  );
});
