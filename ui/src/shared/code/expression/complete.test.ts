import { describe, expect, it } from "vitest";
import { completeAt } from "./complete";
import { type ExpressionHelp, pathExpression, sample } from "./scope";
import { piecesOf, wholeExpression } from "./tokens";

const help: ExpressionHelp = {
  scope: [
    {
      name: "input",
      help: "What came in.",
      value: { order: { id: 7, "first name": "Ada" }, lines: [{ sku: "a" }] },
    },
    {
      name: "nodes",
      help: "Outputs.",
      value: { fetch: { status: 200 } },
      schema: {
        properties: {
          later: { type: "object", properties: { total: { type: "number", description: "In euros." } } },
        },
      },
    },
  ],
  functions: [
    {
      name: "upper",
      aliases: [],
      on: ["text"],
      signature: "upper()",
      help: "Large.",
      example: "",
      result: "",
    },
    {
      name: "join",
      aliases: [],
      on: ["list"],
      signature: "join(separator?: text)",
      help: "",
      example: "",
      result: "",
    },
    { name: "text", aliases: [], on: ["any"], signature: "text()", help: "", example: "", result: "" },
  ],
  preview: null,
};

/** The labels that are offered where the `^` is. */
function offered(marked: string, mode: "template" | "expression" = "expression"): string[] | undefined {
  const position = marked.indexOf("^");
  return completeAt(marked.replace("^", ""), position, mode, help)?.choices.map(({ label }) => label);
}

describe("completion", () => {
  it("offers names, functions and words at the start", () => {
    expect(offered("^")).toEqual(expect.arrayContaining(["input", "nodes", "upper", "if"]));
  });

  it("offers names in the order in which they are used most, before functions", () => {
    const found = completeAt("", 0, "expression", help)?.choices ?? [];
    const ranked = found.toSorted((one, other) => other.order - one.order).map(({ label }) => label);
    expect(ranked.slice(0, 2)).toEqual(["input", "nodes"]);
  });

  it("offers the keys of the last run with a sample of each, then what the kind of value can do", () => {
    const at = completeAt("input.", 6, "expression", help);
    expect(at?.choices[0]).toMatchObject({ label: "order", detail: '{ id: 7, first name: "Ada" }' });
    expect(offered("input.order.^")).toEqual(["id", "first name", "text"]);
    expect(offered("input.lines.^")).toEqual(["join", "text"]);
    expect(offered("input.lines[0].s^")).toEqual(["sku", "text"]);
    expect(offered("'a'.^")).toEqual(["upper", "text"]);
  });

  it("offers what the schemas of nodes say that have not run", () => {
    const at = completeAt("nodes.later.", 12, "expression", help);
    expect(at?.choices[0]).toMatchObject({ label: "total", detail: "number", help: "In euros." });
    expect(offered("nodes.^")).toEqual(["fetch", "later", "text"]);
  });

  it("puts keys that are no names into brackets, in place of the dot", () => {
    const choice = completeAt("input.order.f", 13, "expression", help)?.choices[1];
    expect(choice).toMatchObject({ insert: "['first name']", from: 11 });
    expect(offered("input.order['f^")).toEqual(["id", "first name"]);
  });

  it("knows what a comprehension goes through", () => {
    expect(offered("[x.^ for x in input.lines if x.sku]")).toEqual(["sku", "text"]);
  });

  it("offers after a pipe what fits the value before it", () => {
    expect(offered("input.lines | ^")).toEqual(["join", "text"]);
  });

  it("is silent outside of braces and within texts", () => {
    expect(offered("Hello ^ {{ input }}", "template")).toBeUndefined();
    expect(offered("Hello {{ input.^ }}", "template")).toEqual(["order", "lines", "text"]);
    expect(offered("input == 'a^'")).toBeUndefined();
  });
});

describe("templates", () => {
  it("finds their expressions, whatever braces and texts are in them", () => {
    const source = `a {{ {"x": {"y": 1}} }} b {{ '}}' }} {{ open`;
    const found = piecesOf(source).map(({ from, to }) => source.slice(from, to));
    expect(found).toEqual(['{{ {"x": {"y": 1}} }}', "{{ '}}' }}", "{{ open"]);
  });

  it("tells a whole expression from text with one in it", () => {
    expect(wholeExpression(" {{ input.a }} ")).toBe("input.a");
    expect(wholeExpression("{{ a }} and {{ b }}")).toBeNull();
    expect(wholeExpression("text")).toBeNull();
  });

  it("writes the expression of a path", () => {
    expect(pathExpression(["nodes", "fetch", "body", 0, "it's"])).toBe("nodes.fetch.body[0]['it\\'s']");
    expect(sample([1, 2, 3, 4])).toBe("list of 4 · 1");
  });
});
