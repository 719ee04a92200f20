/** Fields within a field. One that may be absent is set up first. */
import { Button } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { startOf } from "../check";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";
import { isObject } from "../schema";

export function ObjectControl({ shape, value, onChange, path, label, required }: ControlProps) {
  const { parts, root, readOnly } = useForm();
  const absent = value === undefined || value === null;
  if (absent && (shape.nullable || readOnly)) {
    if (readOnly) return <span className={classes.absent}>Not set</span>;
    return (
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange(startOf({ ...shape.schema, default: undefined }, root))}
      >
        Set up {label.toLowerCase()}
      </Button>
    );
  }
  return (
    <div className={classes.group}>
      <parts.Fields
        schema={shape.schema}
        value={isObject(value) ? value : {}}
        path={path}
        within={shape.template}
      />
      {shape.nullable && !required && !readOnly && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-xs"
          leftSection={<IconTrash size={13} />}
          onClick={() => onChange(undefined)}
          className={classes.add}
        >
          Remove {label.toLowerCase()}
        </Button>
      )}
    </div>
  );
}
