import { expect, it } from "vitest";
import { colorOf, initialsOf } from "./initials";

it("says who somebody is in two letters, whatever they are called", () => {
  const names = ["Ada Lovelace", "bo", "x", "ada-7", "élodie.martin@example.com", "🦜", "李 小龙", ""];
  expect(names.map(initialsOf)).toEqual(["AL", "BO", "X", "A7", "ÉM", "?", "李小", "?"]);
  expect(colorOf("Ada")).toBe(colorOf("Ada"));
});
