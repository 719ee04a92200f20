import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "@/graph/workflow";
import { changed, isNeeded, matters, withDefaults } from "./relevance";
import type { JsonSchema } from "./schema";

const among = (name: string, ...values: Json[]) => ({ properties: { [name]: { enum: values } } });

const MODEL: JsonSchema = {
  properties: {
    mode: { enum: ["all", "key", "place"], default: "all" },
    key: {
      type: "string",
      "x-wingbeat-when": among("mode", "key"),
      "x-wingbeat-needed-when": among("mode", "key"),
    },
    keep: { enum: ["all", "matched"], default: "all", "x-wingbeat-when": among("mode", "key", "place") },
    // Goes by a field that may not matter itself.
    note: { type: "string", "x-wingbeat-when": among("keep", "matched") },
    title: { type: "string" },
  },
};

const part = (name: string) => (MODEL.properties as Record<string, JsonSchema>)[name] ?? {};

describe("fields that matter for some values of others", () => {
  it("go by defaults where nothing is said", () => {
    const whole = withDefaults(MODEL, MODEL, {});
    expect(matters(part("key"), whole)).toBe(false);
    expect(matters(part("title"), whole)).toBe(true);
    const keyed = withDefaults(MODEL, MODEL, { mode: "key" });
    expect([matters(part("key"), keyed), isNeeded(part("key"), keyed)]).toEqual([true, true]);
  });

  it("are put aside when they do nothing, and come back with what was typed", () => {
    const aside = new Map<string, Json>();
    const place = { model: MODEL, root: MODEL, path: ["merge"], aside };
    const start: JsonObject = { mode: "key", key: "item.id", keep: "matched", note: "why", title: "t" };
    const without = changed(start, "mode", undefined, place);
    expect(without).toEqual({ title: "t" });
    const partly = changed(without, "mode", "place", place);
    expect(partly).toEqual({ mode: "place", keep: "matched", note: "why", title: "t" });
    expect(changed(partly, "mode", "key", place)).toEqual(start);
    expect(aside.size).toBe(0);
  });

  it("stay as they are when another field changes", () => {
    const odd: JsonObject = { mode: "all", key: "item.id" };
    const place = { model: MODEL, root: MODEL, path: [], aside: new Map() };
    expect(changed(odd, "title", "t", place)).toEqual({ ...odd, title: "t" });
  });
});
