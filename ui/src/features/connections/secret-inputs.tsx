import { PasswordInput, Stack } from "@mantine/core";
import type { SecretField } from "./draft";

interface Props {
  fields: readonly SecretField[];
  values: Readonly<Record<string, string>>;
  onChange: (values: Record<string, string>) => void;
}

/** Secrets as they are entered. They are kept encrypted, and never shown again. */
export function SecretInputs({ fields, values, onChange }: Props) {
  return (
    <Stack gap="sm">
      {fields.map((field) => (
        <PasswordInput
          key={field.name}
          label={field.label}
          description={field.help || undefined}
          required={field.required}
          value={values[field.name] ?? ""}
          onChange={(event) => onChange({ ...values, [field.name]: event.currentTarget.value })}
          autoComplete="off"
          data-1p-ignore
        />
      ))}
    </Stack>
  );
}
