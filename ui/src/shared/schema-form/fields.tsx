/** The fields of an object: those that matter first, the rest under "More options" with a count of those that are set. */
import { Badge, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { shapeOf } from "./control";
import { Field } from "./field";
import classes from "./form.module.css";
import { type FieldsProps, useFaults, useForm } from "./form-context";
import { type FieldSpec, layOut } from "./layout";
import type { JsonSchema } from "./schema";

const NONE: ReadonlySet<string> = new Set();

export function Fields({ schema, value, path, within, common = NONE }: FieldsProps) {
  const { root } = useForm();
  const { main, more, set } = useMemo(
    () => layOut(schema, root, value, common),
    [schema, root, value, common],
  );
  const faults = useFaults(path, true);
  const faulty = more.some(({ name }) =>
    faults.some((fault) => startsWith(fault.path, [...path, name].join("."))),
  );
  const [opened, setOpen] = useState(false);
  const open = opened || faulty;
  const draw = (fields: readonly FieldSpec[]) =>
    fields
      .filter((field) => !isConstant(field.schema, root))
      .map(({ name, schema: of, required }) => (
        <Field
          key={name}
          name={name}
          schema={of}
          value={value[name]}
          parent={path}
          required={required}
          within={within}
        />
      ));
  return (
    <div className={classes.fields}>
      {draw(main)}
      {more.length > 0 && (
        <UnstyledButton className={classes.moreOptions} onClick={() => setOpen(!opened)} aria-expanded={open}>
          {open ? (
            <IconChevronDown size={16} aria-hidden="true" />
          ) : (
            <IconChevronRight size={16} aria-hidden="true" />
          )}
          More options
          <Badge size="sm" variant={set > 0 ? "light" : "default"} tt="none" fw={500}>
            {set > 0 ? `${set} set` : more.length}
          </Badge>
        </UnstyledButton>
      )}
      {open && draw(more)}
    </div>
  );
}

function startsWith(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}.`);
}

/** What tells one kind of object from another is chosen with the kind. */
function isConstant(schema: JsonSchema, root: JsonSchema): boolean {
  const { control } = shapeOf(schema, root);
  return control.kind === "choice" && control.options.length === 1 && schema.const !== undefined;
}
