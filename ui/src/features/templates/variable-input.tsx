import { NumberInput, Select, Switch, TagsInput, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Json } from "@/graph/workflow";
import { connectionsQuery, type Variable } from "./api";

interface Props {
  variable: Variable;
  value: Json;
  fault: string | undefined;
  onChange: (value: Json) => void;
}

/** One place of a template to fill in. */
export function VariableInput({ variable, value, fault, onChange }: Props) {
  const shared = {
    label: variable.label,
    description: variable.description || HINTS[variable.type],
    withAsterisk: variable.required,
    error: fault,
  };
  switch (variable.type) {
    case "integer":
    case "number":
      return (
        <NumberInput
          {...shared}
          allowDecimal={variable.type === "number"}
          value={typeof value === "number" ? value : ""}
          onChange={(given) => onChange(given === "" ? null : Number(given))}
        />
      );
    case "boolean":
      return (
        <Switch
          label={variable.label}
          description={shared.description}
          error={fault}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "people":
    case "list":
      return (
        <TagsInput
          {...shared}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
          acceptValueOnBlur
        />
      );
    case "choice":
    case "timezone":
      return (
        <Select
          {...shared}
          searchable
          data={variable.type === "choice" ? variable.choices : zones(value)}
          value={typeof value === "string" ? value : null}
          onChange={onChange}
        />
      );
    case "connection":
      return <ConnectionInput shared={shared} variable={variable} value={value} onChange={onChange} />;
    default:
      return (
        <TextInput
          {...shared}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

const HINTS: Partial<Record<Variable["type"], string>> = {
  person: "A user name, role:NAME or an e-mail address",
  people: "User names, role:NAME or e-mail addresses; press Enter after each",
  list: "Press Enter after each",
};

function zones(value: Json): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return [
    "UTC",
    ...known,
    ...(typeof value === "string" && !known.includes(value) && value !== "UTC" ? [value] : []),
  ];
}

interface ConnectionProps {
  shared: {
    label: string;
    description: string | undefined;
    withAsterisk: boolean;
    error: string | undefined;
  };
  variable: Variable;
  value: Json;
  onChange: (value: Json) => void;
}

function ConnectionInput({ shared, variable, value, onChange }: ConnectionProps) {
  const { data = [] } = useQuery(connectionsQuery(variable.kind));
  return (
    <Select
      {...shared}
      clearable
      placeholder={data.length > 0 ? "None" : `There is no connection of the kind ${variable.kind} yet`}
      disabled={data.length === 0}
      data={data.map((one) => ({ value: one.connection_id, label: one.name }))}
      value={typeof value === "string" ? value : null}
      onChange={onChange}
    />
  );
}
