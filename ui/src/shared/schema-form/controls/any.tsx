/** A value of any kind: text, number, yes or no, fields, a list, or JSON as it stands. */
import { Select } from "@mantine/core";
import { useState } from "react";
import type { Json } from "@/graph/workflow";
import { shapeOf } from "../control";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";
import { isObject, type JsonSchema, textOf } from "../schema";
import { JsonInput } from "./json";

type Kind = "text" | "number" | "boolean" | "fields" | "list" | "json";

const KINDS: { value: Kind; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "boolean", label: "Yes or no" },
  { value: "fields", label: "Fields" },
  { value: "list", label: "List" },
  { value: "json", label: "JSON" },
];
const SCHEMAS: Record<Exclude<Kind, "json">, JsonSchema> = {
  text: { type: "string" },
  number: { type: "number" },
  boolean: { type: "boolean" },
  fields: { type: "object", additionalProperties: {} },
  list: { type: "array", items: {} },
};
const BESIDE: ReadonlySet<Kind> = new Set(["text", "number", "boolean"]);
const MANY = 30;

export function AnyControl(props: ControlProps) {
  const { shape, value, onChange, label } = props;
  const { parts, root, readOnly } = useForm();
  const [forced, setForced] = useState<Kind | null>(null);
  const kind = forced ?? kindOfValue(value, shape.schema);

  function choose(next: Kind) {
    setForced(next);
    const converted = convert(value, next);
    if (converted !== value) onChange(converted);
  }

  return (
    <div className={classes.any} data-beside={BESIDE.has(kind) || undefined}>
      <Select
        w={104}
        data={KINDS}
        value={kind}
        onChange={(next) => next && choose(next as Kind)}
        allowDeselect={false}
        disabled={readOnly}
        aria-label={`Kind of ${label}`}
      />
      <div className={classes.anyBody}>
        {kind === "json" ? (
          <JsonInput value={value} onChange={onChange} label={`${label}, JSON`} template={shape.template} />
        ) : (
          <parts.Body
            {...props}
            shape={{ ...shapeOf(SCHEMAS[kind], root, "", shape.template), names: shape.names }}
            value={value === null ? undefined : value}
            asExpression={false}
            focusExpression={false}
          />
        )}
      </div>
    </div>
  );
}

function kindOfValue(value: Json | undefined, schema: JsonSchema): Kind {
  if (value === undefined || value === null) return likely(schema);
  if (typeof value === "string") return "text";
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value)) return value.length <= MANY && value.every(isScalar) ? "list" : "json";
  return Object.keys(value).length <= MANY && Object.values(value).every(isFlat) ? "fields" : "json";
}

/** What nests deeper is easier to read as JSON. */
function isFlat(value: Json): boolean {
  return isScalar(value) || Object.values(value as object).every(isScalar);
}

/** The kind that the first example has which is no expression. */
function likely(schema: JsonSchema): Kind {
  const examples = Array.isArray(schema.examples) ? (schema.examples as Json[]) : [];
  const example = examples.find((one) => !textOf(one).includes("{{"));
  return example === undefined || example === null ? "text" : kindOfValue(example, {});
}

function isScalar(value: Json): boolean {
  return value === null || typeof value !== "object";
}

/** What becomes of a value when it is to be of another kind; undefined where nothing of it can stay. */
export function convert(value: Json | undefined, kind: Kind): Json | undefined {
  const given = value ?? undefined;
  switch (kind) {
    case "text":
      return given === undefined || typeof given === "string" ? given : JSON.stringify(given);
    case "number":
      return toNumber(given);
    case "boolean":
      return given === true || given === "true";
    case "fields":
      return isObject(given) ? given : {};
    case "list":
      if (Array.isArray(given)) return given;
      return given === undefined ? [] : [given];
    default:
      return value;
  }
}

function toNumber(value: Json | undefined): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
}
