import { describe, expect, it } from "vitest";
import type { ConnectionKind } from "./api";
import { bodyOf, missing, partOf, secretFields, startDraft } from "./draft";

const kind: ConnectionKind = {
  kind: "some",
  title: "Some",
  help: "",
  icon: "key",
  needs_allowed_hosts: true,
  signs_in: false,
  config: { type: "object", properties: { host: { type: "string" } }, required: ["host"] },
  secrets: {
    properties: { api_key: { type: "string", description: "The key." }, note: { type: "string" } },
    required: ["api_key"],
  },
};

describe("a connection that is entered", () => {
  it("asks first for what it must have", () => {
    const schema = { properties: { retries: {}, user: {} }, required: ["user"] };
    expect(partOf(schema, true)).toEqual({ properties: { user: {} }, required: ["user"] });
    expect(partOf(schema, false)).toEqual({ properties: { retries: {} }, required: [] });
  });

  it("has the fields of its kind", () => {
    expect(secretFields(kind)).toEqual([
      { name: "api_key", label: "API key", help: "The key.", required: true },
      { name: "note", label: "Note", help: "", required: false },
    ]);
  });

  it("says what is missing, one thing after the other", () => {
    const empty = startDraft();
    expect(missing(empty, kind, true)).toBe("Give it a name.");
    const named = { ...empty, name: "Shop" };
    expect(missing(named, kind, true)).toBe("Host is missing.");
    const placed = { ...named, config: { host: "shop" } };
    expect(missing(placed, kind, true)).toBe("Say which hosts it may be sent to.");
    const bound = { ...placed, hosts: ["shop.example.com"] };
    expect(missing(bound, kind, true)).toBe("API key is missing.");
    expect(missing(bound, kind, false)).toBeNull();
    expect(missing({ ...bound, secrets: { api_key: "s" } }, kind, true)).toBeNull();
  });

  it("takes a host that is still being typed", () => {
    const draft = { ...startDraft(), hosts: ["a.example.com"], typedHost: " b.example.com" };
    expect(bodyOf(draft, kind, true).allowed_hosts).toEqual(["a.example.com", "b.example.com"]);
  });

  it("sends secrets once, and never those that were not entered", () => {
    const draft = { ...startDraft(), name: " Shop ", secrets: { api_key: "s", note: "" } };
    expect(bodyOf(draft, kind, true)).toMatchObject({ name: "Shop", secrets: { api_key: "s" } });
    expect(bodyOf(draft, kind, false)).not.toHaveProperty("secrets");
  });
});
