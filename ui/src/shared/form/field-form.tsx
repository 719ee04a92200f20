import { MultiSelect, NumberInput, Select, Stack, Switch, Textarea, TextInput } from "@mantine/core";
import type { Json } from "@/graph/workflow";
import type { FieldValues, FormField } from "./form-field";

interface Props {
  fields: readonly FormField[];
  values: FieldValues;
  faults?: Readonly<Record<string, string>>;
  onChange: (values: FieldValues) => void;
}

/** A form that a workflow puts to somebody. */
export function FieldForm({ fields, values, faults = {}, onChange }: Props) {
  return (
    <Stack gap="sm">
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? null}
          fault={faults[field.name]}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </Stack>
  );
}

interface FieldProps {
  field: FormField;
  value: Json;
  fault: string | undefined;
  onChange: (value: Json) => void;
}

// What browsers call them.
const INPUT_TYPES: Record<string, string> = {
  date: "date",
  time: "time",
  datetime: "datetime-local",
  email: "email",
  url: "url",
};

function Field({ field, value, fault, onChange }: FieldProps) {
  const shared = {
    label: field.label,
    description: field.help || undefined,
    required: field.required,
    error: fault,
  };
  const text = value == null ? "" : String(value);
  switch (field.type) {
    case "boolean":
      return (
        <Switch
          label={field.label}
          description={field.help || undefined}
          error={fault}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "integer":
    case "number":
      return (
        <NumberInput
          {...shared}
          value={typeof value === "number" ? value : text}
          min={field.minimum}
          max={field.maximum}
          allowDecimal={field.type === "number"}
          placeholder={field.placeholder}
          onChange={(given) => onChange(given === "" ? null : given)}
        />
      );
    case "select":
      return (
        <Select
          {...shared}
          data={[...field.choices]}
          value={text || null}
          onChange={onChange}
          clearable={!field.required}
        />
      );
    case "multi_select":
      return (
        <MultiSelect
          {...shared}
          data={[...field.choices]}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      );
    case "long_text":
      return (
        <Textarea
          {...shared}
          autosize
          minRows={3}
          placeholder={field.placeholder}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    default:
      return (
        <TextInput
          {...shared}
          type={INPUT_TYPES[field.type] ?? "text"}
          placeholder={field.placeholder}
          value={text}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}
