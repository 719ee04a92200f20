import { describe, expect, it } from "vitest";
import { countsOf } from "./use-trigger-counts";

const none = { data: [], isPending: false };
const one = { data: [{}], isPending: false };
const asked = { data: undefined, isPending: true };
const refused = { data: undefined, isPending: false };

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
