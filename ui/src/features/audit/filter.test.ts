import { describe, expect, it } from "vitest";
import { filterOf, readAuditSearch } from "./filter";

describe("the filter of the log", () => {
  it("takes from an address what makes sense", () => {
    expect(readAuditSearch({ category: "AUTH", actor: " ada ", action: "", hours: 24, page: 3 })).toEqual({
      category: "AUTH",
      actor: "ada",
      hours: "24",
    });
    expect(readAuditSearch({ category: "NONE", hours: "5" })).toEqual({});
  });

  it("asks since a moment", () => {
    const now = new Date("2026-01-02T03:04:05Z");
    expect(filterOf({ hours: "1", actor: "ada" }, now)).toEqual({
      actor: "ada",
      since: "2026-01-02T02:04:00.000Z",
    });
    expect(filterOf({}, now)).toEqual({});
  });
});
