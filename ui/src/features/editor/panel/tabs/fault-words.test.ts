import { describe, expect, it } from "vitest";
import { wordsOfFault } from "./fault-words";

describe("the words of a fault", () => {
  it("say of a missing field no more than that", () => {
    expect(wordsOfFault("parameter_missing", "The parameter 'a' is missing.", "Known are: a.")).toEqual({
      message: "This is needed.",
      fix: "",
    });
  });

  it("send nobody to a command line", () => {
    const fix = "Take a number. See `wingbeat nodes any.type`.";
    expect(wordsOfFault("parameter_invalid", "It does not fit.", fix).fix).toBe("Take a number.");
  });
});
