import { describe, expect, it } from "vitest";
import { countsOf } from "./use-trigger-counts";

const none = { data: [], isFetched: true };
const one = { data: [{}], isFetched: true };
const asked = { data: undefined, isFetched: false };
const refused = { data: undefined, isFetched: true };

describe("the tab at which the triggers open", () => {
  it("is the first of which there is something", () => {
    const { first, counts } = countsOf([
      ["webhooks", none],
      ["schedules", refused],
      ["forms", one],
      ["listeners", asked],
    ]);
    expect([first, counts.forms, counts.listeners]).toEqual(["forms", 1, 0]);
  });

  it("is not known while an earlier one may have something", () => {
    expect(
      countsOf([
        ["webhooks", asked],
        ["schedules", one],
      ]).first,
    ).toBeNull();
  });

  it("is that of webhooks where there is nothing", () => {
    expect(
      countsOf([
        ["webhooks", none],
        ["schedules", none],
      ]).first,
    ).toBe("webhooks");
  });
});
