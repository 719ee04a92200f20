import { describe, expect, it } from "vitest";
import { asksMe, isMine, mineFirst } from "./mine";

const names = new Set(["7", "ada", "role:finance"]);

describe("what waits for me", () => {
  it("is asked of a name, a role or a community of mine that has not decided", () => {
    expect(asksMe({ undecided: ["bo", "role:finance"] }, names)).toBe(true);
    expect(asksMe({ undecided: ["bo"] }, names)).toBe(false);
  });

  it("is a task of one of my names, and nobody's is not mine", () => {
    expect(isMine({ assignee: "ada" }, names)).toBe(true);
    expect(isMine({ assignee: "" }, names)).toBe(false);
  });

  it("stands before the rest, in its order", () => {
    expect(mineFirst([1, 2, 3, 4], (one) => one % 2 === 0)).toEqual({ mine: [2, 4], others: [1, 3] });
  });
});
