import { expect, it } from "vitest";
import { delaysOf, shownDelays } from "./retry";

it("doubles the delays from two seconds on, up to the longest", () => {
  expect(delaysOf({ max_attempts: 5, max_delay_seconds: 10 })).toEqual([2, 4, 8, 10]);
  expect(delaysOf({})).toEqual([]);
  expect(shownDelays({ max_attempts: 12, backoff_seconds: 1, factor: 1 })).toEqual({
    shown: [1, 1, 1, 1, 1, 1, 1, 1],
    more: 3,
    total: 11,
  });
});
