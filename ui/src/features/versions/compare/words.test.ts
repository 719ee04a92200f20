import { expect, it } from "vitest";
import { diff } from "@/graph/diff";
import { shown, summaryOf, wordsOf } from "./words";

it("names what differs", () => {
  expect(wordsOf(["parameters", "cases", "0", "when"])).toBe("cases › 0 › when");
  expect(wordsOf(["timeout_seconds"])).toBe("Time limit (s)");
  expect(wordsOf(["settings", "priority"])).toBe("Setting › priority");
  expect([shown("text"), shown(3), shown(undefined)]).toEqual(["text", "3", ""]);
});

it("sums a difference up", () => {
  const empty = { name: "w", nodes: [], connections: [] };
  const one = { name: "x", nodes: [{ id: "a", type: "t" }], connections: [] };
  expect(summaryOf(diff(empty, empty))).toBe("Nothing differs");
  expect(summaryOf(diff(empty, one))).toBe("1 node added, 1 setting of the workflow");
});
