/** What else can be done with a field: fill in an example, go back to the default. */
import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconBulb, IconDots, IconRestore } from "@tabler/icons-react";
import type { Json } from "@/graph/workflow";
import { examplesOf, exampleText } from "./field-examples";
import classes from "./form.module.css";
import type { JsonSchema } from "./schema";

interface Props {
  label: string;
  schema: JsonSchema;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

export function FieldMenu({ label, schema, value, onChange }: Props) {
  const examples = examplesOf(schema);
  if (examples.length === 0 && value === undefined) return null;
  return (
    <Menu position="bottom-end" width={300} withinPortal>
      <Menu.Target>
        <ActionIcon size={24} className={classes.menu} aria-label={`More for ${label}`}>
          <IconDots size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {examples.length > 0 && <Menu.Label>Fill in an example</Menu.Label>}
        {examples.map((example) => (
          <Menu.Item
            key={exampleText(example)}
            leftSection={<IconBulb size={15} />}
            onClick={() => onChange(example)}
          >
            <Text size="xs" ff="monospace" lineClamp={3}>
              {exampleText(example)}
            </Text>
          </Menu.Item>
        ))}
        {value !== undefined && (
          <Menu.Item leftSection={<IconRestore size={15} />} onClick={() => onChange(undefined)}>
            {schema.default === undefined || schema.default === null ? "Clear" : "Back to the default"}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
