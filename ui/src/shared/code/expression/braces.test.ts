import { describe, expect, it } from "vitest";
import { openedTwice, steppedOver } from "./braces";

/** The text after somebody typed this where the cursor, `|`, was. */
function typed(start: string, keys: string): string {
  let [before = "", after = ""] = start.split("|");
  for (const key of keys) {
    const stepped = steppedOver(before, after, key);
    if (stepped === null) before += key;
    else {
      after = after.slice(stepped.drop);
      before += after.slice(0, stepped.over);
      after = after.slice(stepped.over);
    }
  }
  return `${before}|${after}`;
}

describe("closing braces that are there already", () => {
  it("are walked over, with or without spaces", () => {
    expect(typed("a/{{ | }}", " input.name }}.csv")).toBe("a/{{ input.name }}.csv|");
    expect(typed("a/{{ | }}", "input.name}}")).toBe("a/{{ input.name }}|");
    expect(typed("{{ |}}", "input }}")).toBe("{{ input }}|");
  });

  it("stay where a brace of the expression itself is closed", () => {
    expect(typed("{{ {'a': 1| }}", "} }}")).toBe("{{ {'a': 1} }}|");
    expect(typed("{{ a }} | }}", "}")).toBe("{{ a }} }| }}");
    expect(typed("|", "{a}")).toBe("{a}|");
  });
});

describe("braces that are typed where they stand already", () => {
  it("are those, and not some within them", () => {
    expect(openedTwice("{{ {", " }}")).toBe(0);
    expect(openedTwice("{{ {", "} }}")).toBe(1);
    expect(openedTwice("Dear {{{", "}}}")).toBe(1);
    expect(openedTwice('{{ {"a": {', "} }}")).toBeNull();
    expect(openedTwice("Dear {", "")).toBeNull();
  });
});
