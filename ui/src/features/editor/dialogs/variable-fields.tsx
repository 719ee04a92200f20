import { ActionIcon, Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { renameVariable, setVariable } from "@/graph/commands/about";
import { freshId } from "@/graph/commands/ids";
import type { Json, JsonObject } from "@/graph/workflow";
import { useEditor } from "../store";
import styles from "./variables.module.css";

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The variables that every execution begins with. */
export function VariableFields() {
  const variables = useEditor(({ history }) => history.present.global_variables ?? NONE);
  const readOnly = useEditor((state) => state.readOnly);
  const change = useEditor((state) => state.change);
  const names = Object.keys(variables);
  const add = () =>
    change({ label: "Add a variable", apply: setVariable(freshId("variable", new Set(names)), "") });
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Every execution begins with these. Expressions use them by their names; steps may change them.
      </Text>
      {names.map((name, index) => (
        // A variable that gets another name is still the same row.
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what stays.
        <VariableRow key={index} name={name} value={variables[name] ?? null} taken={names} />
      ))}
      {!readOnly && (
        <Button variant="light" size="xs" leftSection={<IconPlus size={15} />} onClick={add} w="fit-content">
          Add a variable
        </Button>
      )}
    </Stack>
  );
}

const NONE: JsonObject = {};

interface RowProps {
  name: string;
  value: Json;
  taken: readonly string[];
}

function VariableRow({ name, value, taken }: RowProps) {
  const readOnly = useEditor((state) => state.readOnly);
  const change = useEditor((state) => state.change);
  const [typed, setTyped] = useState<string | null>(null);
  const [text, setText] = useState<string | null>(null);
  const wrongName = typed === null ? null : faultOf(typed, name, taken);
  const finishName = () => {
    if (typed !== null && wrongName === null) {
      change({ label: "Rename a variable", apply: renameVariable(name, typed) });
    }
    setTyped(null);
  };
  const setValue = (written: string) => {
    setText(written);
    change({ label: `Set “${name}”`, key: `variable ${name}`, apply: setVariable(name, readValue(written)) });
  };
  return (
    <Group align="flex-start" gap="xs" wrap="nowrap">
      <TextInput
        aria-label="Name of the variable"
        className={styles.name}
        value={typed ?? name}
        error={wrongName}
        readOnly={readOnly}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={finishName}
      />
      <Textarea
        aria-label={`Value of ${name}`}
        className={styles.value}
        value={text ?? written(value)}
        autosize
        maxRows={10}
        readOnly={readOnly}
        spellCheck={false}
        onChange={(event) => setValue(event.currentTarget.value)}
        onBlur={() => setText(null)}
        description={kindOf(value)}
        inputWrapperOrder={["input", "description"]}
      />
      {!readOnly && (
        <ActionIcon
          size={36}
          color="red"
          aria-label={`Remove ${name}`}
          onClick={() => change({ label: "Remove a variable", apply: setVariable(name, undefined) })}
        >
          <IconTrash size={17} />
        </ActionIcon>
      )}
    </Group>
  );
}

function faultOf(typed: string, name: string, taken: readonly string[]): string | null {
  if (!NAME.test(typed)) return "Letters, digits and _, not beginning with a digit.";
  return typed !== name && taken.includes(typed) ? "There is one of that name." : null;
}

/** JSON where it is such, else the text as it stands. */
function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

// A text that would read as something else is written in quotes.
function written(value: Json): string {
  if (typeof value === "string" && typeof readValue(value) === "string" && !value.startsWith('"'))
    return value;
  return JSON.stringify(value, null, typeof value === "object" ? 2 : undefined);
}

function kindOf(value: Json): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return "list";
  return { string: "text", number: "number", boolean: "true or false", object: "object" }[
    typeof value as "string"
  ];
}
