import { describe, expect, it } from "vitest";
import { wordsOfFault } from "./fault-words";

describe("the words of a fault", () => {
  it("say of a missing field no more than that", () => {
    expect(wordsOfFault("parameter_missing", "The parameter 'a' is missing.", "Known are: a.")).toEqual({
      message: "This is needed.",
      fix: "",
    });
  });

  it("are those of the server for anything else", () => {
    expect(wordsOfFault("parameter_invalid", "It does not fit.", "Take a number.")).toEqual({
      message: "It does not fit.",
      fix: "Take a number.",
    });
  });
});
