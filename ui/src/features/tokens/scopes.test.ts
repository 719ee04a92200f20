import { expect, it } from "vitest";
import { stateOf } from "./scopes";

const now = new Date("2026-01-02T00:00:00Z");

it("a token is good until it is revoked or its time is over", () => {
  const expires_at = "2026-01-03T00:00:00Z";
  expect(stateOf({ revoked_at: null, expires_at }, now)).toBe("good");
  expect(stateOf({ revoked_at: null, expires_at: "2026-01-02T00:00:00Z" }, now)).toBe("expired");
  expect(stateOf({ revoked_at: "2026-01-01T00:00:00Z", expires_at }, now)).toBe("revoked");
});
