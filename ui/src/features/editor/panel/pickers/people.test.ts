import { describe, expect, it } from "vitest";
import { accountOf, isFound, unknownAmong } from "./people";

const ADA = { username: "ada", display_name: "Ada Lovelace", email: "ada@example.com" };

describe("people who are addressed", () => {
  it("are found by any of their names", () => {
    expect(["ADA", "love", "@example"].every((typed) => isFound(ADA, typed))).toBe(true);
    expect(isFound(ADA, "bo")).toBe(false);
  });

  it("are told apart from what addresses nobody", () => {
    const texts = ["ada", "adm", "7", "role:finance", "community:3", "bo@example.com", "{{ input.boss }}"];
    expect(unknownAmong(texts, [ADA])).toEqual(["adm"]);
  });

  it("have a user name behind their address", () => {
    expect(accountOf("ada@example.com", [ADA])).toBe("ada");
    expect(accountOf("bo@example.com", [ADA])).toBeNull();
  });
});
