/** The fields of forms that workflows put to people, as the server describes them. */
import type { Json } from "@/graph/workflow";

export interface FormField {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly help: string;
  readonly placeholder: string;
  readonly required: boolean;
  readonly default: Json;
  readonly choices: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export type FieldValues = Readonly<Record<string, Json>>;

/** What the server sent, with what it left out. */
export function readFields(raw: readonly Readonly<Record<string, unknown>>[]): FormField[] {
  return raw.map((one) => ({
    name: String(one.name),
    type: text(one.type) || "text",
    label: text(one.label) || String(one.name),
    help: text(one.help),
    placeholder: text(one.placeholder),
    required: one.required === true,
    default: (one.default ?? null) as Json,
    choices: Array.isArray(one.choices) ? one.choices.map(String) : [],
    ...(typeof one.minimum === "number" ? { minimum: one.minimum } : {}),
    ...(typeof one.maximum === "number" ? { maximum: one.maximum } : {}),
  }));
}

/** The defaults, to begin with. */
export function initialValues(fields: readonly FormField[]): FieldValues {
  return Object.fromEntries(fields.map((field) => [field.name, field.default]));
}

/** The names of required fields that are empty. */
export function missingFields(fields: readonly FormField[], values: FieldValues): string[] {
  return fields.filter((field) => field.required && isEmpty(values[field.name])).map((field) => field.name);
}

/** What the server says of each field in an error: the faults in `details.fields`, if there are any. */
export function readFaults(details: Readonly<Record<string, unknown>>): Record<string, string> {
  const fields = details.fields;
  if (typeof fields !== "object" || fields === null) return {};
  return Object.fromEntries(Object.entries(fields).map(([name, fault]) => [name, String(fault)]));
}

function isEmpty(value: Json | undefined): boolean {
  return value == null || value === "" || (Array.isArray(value) && value.length === 0);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
