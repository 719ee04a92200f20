import { expect, test } from "vitest";
import { beforeInWords, presetOf, rangeAt, readDashboardSearch } from "./range";

const NOW = new Date("2030-04-01T12:00:00Z");
const ID = "0198c0de-0000-7000-8000-000000000001";

test("without an address it is the last seven days", () => {
  const search = readDashboardSearch({});
  expect(search).toEqual({});
  expect(rangeAt(search, NOW).since.toISOString()).toBe("2030-03-25T12:00:00.000Z");
  expect(beforeInWords(search)).toBe("the 7 days before");
});

test("a preset, and one workflow, are kept", () => {
  const search = readDashboardSearch({ range: "24h", workflow: ID, other: 1 });
  expect(search).toEqual({ range: "24h", workflow: ID });
  expect(rangeAt(search, NOW).since.toISOString()).toBe("2030-03-31T12:00:00.000Z");
});

test("a range of one's own goes before a preset", () => {
  const search = readDashboardSearch({ range: "1h", since: "2030-01-01T00:00:00Z", until: "2030-01-02" });
  expect(presetOf(search)).toBe("own");
  expect(rangeAt(search, NOW).until.toISOString()).toBe("2030-01-02T00:00:00.000Z");
  expect(beforeInWords(search)).toBe("as much time before");
});

test.each([
  { since: "2030-01-02", until: "2030-01-01" },
  { since: "soon", until: "2030-01-01" },
  { since: "2020-01-01", until: "2030-01-01" },
  { workflow: "x", range: "1y" },
])("what makes no sense is left out: %o", (search) => {
  expect(readDashboardSearch(search)).toEqual({});
});
