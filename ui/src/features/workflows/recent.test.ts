import { expect, it } from "vitest";
import { describeRecent } from "./recent";

it("says how the last executions went", () => {
  expect(describeRecent([])).toBe("It has not run yet");
  expect(describeRecent(["failed", "completed", "completed"])).toBe("Last 3: 2 completed, 1 failed");
});
