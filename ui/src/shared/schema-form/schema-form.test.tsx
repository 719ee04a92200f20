import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Json, JsonObject } from "@/graph/workflow";
import type { JsonSchema } from "./schema";
import { SchemaForm } from "./schema-form";
import { setIn } from "./values";

vi.mock("../code/code-editor", () => ({
  preloadCodeEditor: () => undefined,
  CodeEditor: (props: {
    value: string;
    label: string;
    onChange: (text: string) => void;
    onBlur?: () => void;
  }) => (
    <textarea
      aria-label={props.label}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      onBlur={props.onBlur}
    />
  ),
}));

afterEach(cleanup);

/** A form that keeps what is edited; gives the value as it then is. */
function show(schema: JsonSchema, start: JsonObject = {}) {
  let value: Json | undefined = start;
  const form = () => (
    <MantineProvider>
      <SchemaForm
        schema={schema}
        value={value as JsonObject}
        onEdit={(path, next) => {
          value = setIn(value, path, next);
          view.rerender(form());
        }}
      />
    </MantineProvider>
  );
  const view = render(form());
  return () => value;
}

/** Types into a field and leaves it. */
function type(label: string, text: string) {
  const field = screen.getByLabelText(label);
  fireEvent.change(field, { target: { value: text } });
  fireEvent.blur(field);
}

describe("a form out of a schema", () => {
  it("writes what is typed when the field is left, and nothing for a default", () => {
    const value = show({
      properties: { name: { type: "string" }, wait: { type: "boolean", default: true } },
    });
    type("Name", "Ada");
    fireEvent.click(screen.getByLabelText("Wait"));
    expect(value()).toEqual({ name: "Ada", wait: false });
    fireEvent.click(screen.getByLabelText("Wait"));
    type("Name", "");
    expect(value()).toEqual({});
  });

  it("says what is wrong with a value as it is typed", () => {
    show({ properties: { count: { type: "integer", maximum: 10 } } });
    type("Count", "11");
    expect(screen.getByRole("alert").textContent).toContain("at most 10");
  });

  it("turns a value into an expression and back", () => {
    const value = show(
      {
        properties: {
          count: {
            anyOf: [{ type: "integer" }, { type: "string", pattern: "\\{\\{" }],
            "x-wingbeat": "template",
          },
        },
      },
      { count: 5 },
    );
    fireEvent.click(screen.getByLabelText("Expression"));
    expect(value()).toEqual({ count: "{{ 5 }}" });
    fireEvent.click(screen.getByLabelText("Value"));
    expect(value()).toEqual({ count: 5 });
  });

  it("makes an expression of a text in which somebody types braces", () => {
    const value = show({ properties: { url: { type: "string", "x-wingbeat": "template" } } });
    fireEvent.change(screen.getByLabelText("URL"), { target: { value: "https://{{" } });
    expect(screen.getByLabelText("URL, expression")).toBeTruthy();
    expect(value()).toEqual({ url: "https://{{" });
  });

  it("makes an expression of a value of any kind in which somebody types braces", () => {
    const value = show({ properties: { value: { "x-wingbeat": "template" } } });
    fireEvent.change(screen.getByLabelText("Value", { selector: "input[type=text], input:not([type])" }), {
      target: { value: "{{" },
    });
    expect(screen.getByLabelText("Value, expression")).toBeTruthy();
    expect(value()).toEqual({ value: "{{" });
  });

  it("shows what is needed before a choice that others only depend on", () => {
    show({
      required: ["title"],
      properties: {
        rule: { enum: ["first", "count"], type: "string", default: "first" },
        count: {
          type: "integer",
          description: "With `count`: how many.",
          "x-wingbeat-when": { properties: { rule: { enum: ["count"] } } },
        },
        note: { type: "string" },
        level: { type: "string" },
        title: { type: "string" },
      },
    });
    const [title] = screen.getAllByText(/^(Title|Rule)$/);
    expect(title?.textContent).toContain("Title");
  });

  it("adds, moves and removes the entries of a list", () => {
    const value = show(
      {
        properties: {
          cases: { type: "array", items: { type: "object", properties: { port: { type: "string" } } } },
        },
      },
      { cases: [{ port: "a" }, { port: "b" }] },
    );
    fireEvent.click(screen.getByLabelText("Move Case 2 up"));
    expect(value()).toEqual({ cases: [{ port: "b" }, { port: "a" }] });
    fireEvent.click(screen.getByLabelText("Remove Case 1"));
    fireEvent.click(screen.getByText("Add case"));
    expect(value()).toEqual({ cases: [{ port: "a" }, {}] });
  });

  it("names, renames and removes the fields of a free object", () => {
    const value = show(
      { properties: { headers: { type: "object", additionalProperties: { type: "string" } } } },
      { headers: { Accept: "*/*" } },
    );
    type("Name of a field of Headers", "X-Accept");
    expect(value()).toEqual({ headers: { "X-Accept": "*/*" } });
    fireEvent.click(screen.getByText("Add field"));
    type("Name of the new field of Headers", "Host");
    expect(value()).toEqual({ headers: { "X-Accept": "*/*", Host: "" } });
    fireEvent.click(screen.getByLabelText("Remove X-Accept"));
    expect(value()).toEqual({ headers: { Host: "" } });
  });

  it("chooses between kinds by the constant that tells them apart", () => {
    const way = (kind: string, field: string): JsonSchema => ({
      type: "object",
      properties: { kind: { const: kind }, [field]: { type: "string" } },
      required: ["kind"],
    });
    const value = show({
      properties: { target: { oneOf: [way("mail", "address"), way("chat", "channel")] } },
    });
    fireEvent.click(screen.getByLabelText("Chat"));
    expect(value()).toEqual({ target: { kind: "chat" } });
    type("Channel", "#ops");
    expect(value()).toEqual({ target: { kind: "chat", channel: "#ops" } });
  });

  it("shows what does something with the choice that was made, and keeps what was typed for another", () => {
    const only = (operation: string) => ({ properties: { operation: { enum: [operation] } } });
    const value = show(
      {
        required: ["operation"],
        properties: {
          operation: {
            enum: ["insert", "remove"],
            type: "string",
            description: "`insert`: adds. `remove`: takes.",
          },
          rows: {
            type: "string",
            description: "For `insert`: what is added.",
            "x-wingbeat-when": only("insert"),
          },
          where: {
            type: "string",
            description: "For `remove`: which.",
            "x-wingbeat-when": only("remove"),
            "x-wingbeat-needed-when": only("remove"),
          },
          a: { type: "string" },
          b: { type: "string" },
          c: { type: "string" },
        },
      },
      { operation: "remove", a: "set" },
    );
    expect(screen.queryByLabelText("Rows")).toBeNull();
    expect(screen.getByText("1 set")).toBeTruthy();
    expect(screen.getByText("Takes.")).toBeTruthy();
    expect(screen.getByText("Which.")).toBeTruthy();
    type("Where *", "id > 5");
    fireEvent.click(screen.getByLabelText("Insert"));
    expect(value()).toEqual({ operation: "insert", a: "set" });
    expect(screen.queryByLabelText("Where *")).toBeNull();
    type("Rows", "all");
    fireEvent.click(screen.getByLabelText("Remove"));
    expect(value()).toEqual({ operation: "remove", a: "set", where: "id > 5" });
  });

  it("names what has a value and does nothing, and takes it away when asked", () => {
    const value = show(
      {
        properties: {
          mode: { enum: ["all", "key"], type: "string", default: "all" },
          sort_key: { type: "string", "x-wingbeat-when": { properties: { mode: { enum: ["key"] } } } },
        },
      },
      { sort_key: "item.id" },
    );
    expect(screen.getByText(/without effect.*: Sort key/)).toBeTruthy();
    fireEvent.click(screen.getByText("Remove"));
    expect(value()).toEqual({});
  });
});
