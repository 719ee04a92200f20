/** The forms of all node types there are, as the Python package describes them. */
import { execFileSync } from "node:child_process";
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { JsonObject } from "@/graph/workflow";
import { shapeOf } from "./control";
import { type JsonSchema, propertiesOf, resolve, schemasOf } from "./schema";
import { SchemaForm } from "./schema-form";
import { labelOf } from "./words";

vi.mock("../code/code-editor", () => ({
  CodeEditor: ({ label }: { label: string }) => <textarea aria-label={label} />,
  preloadCodeEditor: () => undefined,
}));
vi.stubGlobal("document", Object.assign(document, { fonts: new EventTarget() }));
afterEach(cleanup);

interface Described {
  type: string;
  parameters: JsonSchema;
  examples: { title: string; parameters: JsonObject }[];
}

const SCRIPT = `
import json
from wingbeat.bootstrap import discover_node_types
print(json.dumps([one.describe() for one in discover_node_types().types.values()]))
`;

function describeAll(): Described[] {
  try {
    return JSON.parse(execFileSync("python", ["-c", SCRIPT], { encoding: "utf8", maxBuffer: 50_000_000 }));
  } catch (error) {
    throw new Error(
      "The node types cannot be asked for: is the environment of script/environment on the path?",
      {
        cause: error,
      },
    );
  }
}

const nodeTypes = describeAll();

/** Every field of a schema, those of its lists and objects too. */
function* allFields(
  schema: JsonSchema,
  root: JsonSchema,
  within = false,
  deep = 0,
): Generator<[string, JsonSchema, boolean]> {
  if (deep > 5) return;
  for (const [name, field] of propertiesOf(resolve(schema, root))) {
    yield [name, field, within];
    const { control, schema: inner, template } = shapeOf(field, root, name, within);
    if (control.kind === "object") yield* allFields(inner, root, template, deep + 1);
    if (control.kind === "list") yield* allFields(control.item, root, template, deep + 1);
  }
}

describe.each(nodeTypes)("the form of $type", ({ parameters, examples }) => {
  it("has a control of its own for each field", () => {
    for (const [name, field, within] of allFields(parameters, parameters)) {
      const { control, schema } = shapeOf(field, parameters, name, within);
      const saysNothing = schema.type === undefined && schemasOf(schema.anyOf).length === 0;
      expect([name, control.kind === "any" && !saysNothing]).toEqual([name, false]);
    }
  });

  it("is drawn empty, and with all that its examples use, without an error", () => {
    const together = Object.assign({}, ...examples.map((example) => example.parameters)) as JsonObject;
    const values = [{}, together];
    for (const value of values) {
      render(
        <MantineProvider>
          <SchemaForm schema={parameters} value={value} onEdit={() => undefined} />
        </MantineProvider>,
      );
      for (const name of (parameters.required as string[] | undefined) ?? []) {
        const field = propertiesOf(parameters).find(([one]) => one === name)?.[1] ?? {};
        expect(screen.getAllByText(labelOf(name, resolve(field, parameters)).label).length).toBeGreaterThan(
          0,
        );
      }
      cleanup();
    }
  });
});
