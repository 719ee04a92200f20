import { expect, test } from "vitest";
import type { TemplateHeader, Variable } from "./api";
import { categoriesOf, found, readGallerySearch } from "./search";
import { faultsOf, given, initialValues, missing } from "./values";

function template(name: string, category: string, description: string, tags: string[] = []): TemplateHeader {
  return { template_id: name, name, category, description, tags, node_count: 3, variables: [] };
}

function variable(name: string, type: Variable["type"], more: Partial<Variable> = {}): Variable {
  const usual = { label: name, description: "", default: null, required: true, choices: [], kind: "" };
  return { name, type, ...usual, ...more };
}

const TEMPLATES = [
  template("Hello", "First steps", "It greets.", ["beginner"]),
  template("Time off", "People", "A manager decides.", ["form", "approval"]),
  template("Expenses", "People", "Small ones are paid.", ["approval"]),
];

test("templates are found by all words, wherever they stand, and by category", () => {
  const names = (search: object) => found(TEMPLATES, search).map((one) => one.name);
  expect(names({})).toEqual(["Hello", "Time off", "Expenses"]);
  expect(names({ q: "APPROVAL manager" })).toEqual(["Time off"]);
  expect(names({ q: "people", category: "First steps" })).toEqual([]);
  expect(categoriesOf(TEMPLATES)).toEqual(["First steps", "People"]);
  expect(readGallerySearch({ q: "", category: 1, other: "x" })).toEqual({});
});

const VARIABLES = [
  variable("team", "people"),
  variable("lead", "person"),
  variable("zone", "timezone", { default: "UTC" }),
  variable("days", "integer", { default: 7 }),
  variable("model", "connection", { required: false }),
];

test("whoever looks is where somebody must be, and the clock is theirs", () => {
  const values = initialValues(VARIABLES, "ada", "Europe/Zurich");
  expect(values).toEqual({ team: ["ada"], lead: "ada", zone: "Europe/Zurich", days: 7, model: null });
  expect(given(values)).not.toHaveProperty("model");
  expect(missing(VARIABLES, { ...values, team: [], lead: "" })).toEqual(["team", "lead"]);
});

test("what the server finds wrong goes to its field", () => {
  expect(faultsOf({ problems: ["team: it is no list: really"] })).toEqual({ team: "it is no list: really" });
  expect(faultsOf({})).toEqual({});
});
