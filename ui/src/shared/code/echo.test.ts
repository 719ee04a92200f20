import { describe, expect, it } from "vitest";
import { Echo } from "./echo";

describe("what comes back to an editor", () => {
  it("does not take the place of what was typed since", () => {
    const echo = new Echo("");
    expect([echo.gives("a"), echo.gives("ab"), echo.gives("abc")]).toEqual([true, true, true]);
    expect([echo.takes("ab"), echo.takes("abc")]).toEqual([false, false]);
  });

  it("is told again when a letter is typed and taken back at once", () => {
    const echo = new Echo("a");
    expect([echo.gives("ab"), echo.gives("a")]).toEqual([true, true]);
    expect([echo.takes("ab"), echo.takes("a")]).toEqual([false, false]);
  });

  it("is put there where somebody else made it, as a step back does", () => {
    const echo = new Echo("");
    echo.gives("a");
    echo.gives("ab");
    echo.takes("ab");
    expect(echo.takes("a")).toBe(true);
    expect(echo.gives("a")).toBe(false);
    expect(echo.takes("")).toBe(true);
  });
});
