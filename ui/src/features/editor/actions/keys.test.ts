import { describe, expect, it } from "vitest";
import { isPressed, written } from "./keys";

const press = (
  key: string,
  held: { ctrlKey?: boolean; shiftKey?: boolean; altKey?: boolean; code?: string } = {},
) => ({
  key,
  code: `Key${key.toUpperCase()}`,
  ctrlKey: false,
  metaKey: false,
  shiftKey: false,
  altKey: false,
  ...held,
});

describe("keys", () => {
  it("are those that are pressed, and no others with them", () => {
    expect(isPressed("mod+S", press("s", { ctrlKey: true }))).toBe(true);
    expect(isPressed("mod+S", press("S", { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(isPressed("mod+shift+S", press("S", { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(isPressed("mod+S", press("s"))).toBe(false);
  });

  it("do not depend on where a sign is on the keyboard", () => {
    expect(isPressed("?", press("?", { shiftKey: true }))).toBe(true);
    expect(isPressed("+", press("+"))).toBe(true);
    expect(isPressed("shift+1", press("!", { shiftKey: true, code: "Digit1" }))).toBe(true);
    expect(isPressed("alt+L", press("ł", { altKey: true, code: "KeyL" }))).toBe(true);
  });

  it("are written as they are called", () => {
    expect(written("mod+shift+Z")).toEqual(["Ctrl", "Shift", "Z"]);
    expect(written("+")).toEqual(["+"]);
  });
});
