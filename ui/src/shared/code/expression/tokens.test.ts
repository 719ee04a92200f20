import { describe, expect, it } from "vitest";
import { placeToWrite } from "./tokens";

/** The text with a bar where one goes on writing. */
function shown(template: string): string {
  const { text, at } = placeToWrite(template);
  return `${text.slice(0, at)}|${text.slice(at)}`;
}

describe("where one goes on writing in a template", () => {
  it("is between braces that were just opened, which are closed", () => {
    expect(shown("Pay {{")).toBe("Pay {{ | }}");
    expect(shown("")).toBe("{{ | }}");
    expect(shown("{{ }}")).toBe("{{ | }}");
  });

  it("is the end of what is there already", () => {
    expect(shown("{{ 5 }}")).toBe("{{ 5 }}|");
    expect(shown("Dear {{ input.name")).toBe("Dear {{ input.name|");
  });
});
