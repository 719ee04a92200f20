import { expect, test } from "vitest";
import { cronInWords, intervalInWords, readSimple, type Simple, toCron } from "./cron";

test.each([
  ["0 9 * * mon-fri", "At 09:00, Monday to Friday"],
  ["30 7 * * *", "At 07:30"],
  ["*/15 * * * *", "Every 15 minutes"],
  ["* * * * *", "Every minute"],
  ["5 * * * *", "Every hour at minute 5"],
  ["0 9,17 * * 1,3,5", "At 09:00 and 17:00, Monday, Wednesday and Friday"],
  ["*/10 9-17 * * *", "Every 10 minutes in the hours 09 to 17"],
  ["0 0 1 * *", "At 00:00, on day 1 of the month"],
  ["0 0 l * *", "At 00:00, on the last day of the month"],
  ["0 6 * * mon#1", "At 06:00, on the first Monday of the month"],
  ["0 0 1 1,7 *", "At 00:00, on day 1 of the month, in January and July"],
  ["0 12 13 * fri", "At 12:00, on day 13 of the month or Friday"],
  ["@daily", "At 00:00"],
  ["0 0 * * 7", "At 00:00, Sunday"],
  ["nonsense", ""],
  ["0 9 * *", ""],
  ["0 9 * * xyz", ""],
])("%s is: %s", (cron, words) => {
  expect(cronInWords(cron)).toBe(words);
});

test.each<Simple>([
  { every: "minutes", minutes: 5 },
  { every: "minutes", minutes: 1 },
  { every: "hour", minute: 30 },
  { every: "day", time: "09:05" },
  { every: "week", days: [1, 2, 5], time: "18:00" },
  { every: "month", day: 28, time: "00:00" },
])("what the simple form makes it reads back: %o", (simple) => {
  expect(readSimple(toCron(simple))).toEqual(simple);
});

test("names and ranges of days are days", () => {
  expect(readSimple("0 9 * * mon-fri")).toEqual({ every: "week", days: [1, 2, 3, 4, 5], time: "09:00" });
  expect(readSimple("0 9 * * sun")).toEqual({ every: "week", days: [0], time: "09:00" });
});

test.each(["0 9 1 1 *", "0 9,10 * * *", "0 9 1 * mon", "@daily", "0 9 * * mon#1", ""])(
  "the simple form leaves %s alone",
  (cron) => {
    expect(readSimple(cron)).toBeNull();
  },
);

test("an interval is told in its largest unit", () => {
  expect([60, 300, 90, 7200, 86_400].map(intervalInWords)).toEqual([
    "Every minute",
    "Every 5 minutes",
    "Every 90 seconds",
    "Every 2 hours",
    "Every day",
  ]);
});
