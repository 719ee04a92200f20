import { describe, expect, it } from "vitest";
import { readExecutionSearch, readExecutionsSearch } from "./search";

describe("the addresses of executions", () => {
  it("keep what can be asked for, and nothing else", () => {
    expect(
      readExecutionsSearch({
        status: ["failed", "nonsense"],
        kind: "webhook",
        workflow: "x",
        since: "2026-01-01",
        least: -1,
        drafts: true,
        more: 1,
      }),
    ).toEqual({ status: ["failed"], kind: ["webhook"], since: "2026-01-01T00:00:00.000Z", drafts: true });
    expect(readExecutionsSearch({ status: 5, text: "", since: "no", until: 7 })).toEqual({});
  });

  it("name a step", () => {
    expect(readExecutionSearch({ view: "timeline", node: "a", scope: "", row: 3 })).toEqual({
      view: "timeline",
      node: "a",
      scope: "",
      row: 3,
    });
    expect(readExecutionSearch({ view: "x", node: 1, row: 1.5 })).toEqual({});
  });
});
