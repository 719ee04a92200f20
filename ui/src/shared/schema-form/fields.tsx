/** The fields of an object: those that matter first, the rest under "More options" with a count of those that are set. */
import { Badge, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useCallback, useMemo, useRef, useState } from "react";
import type { Json } from "@/graph/workflow";
import { shapeOf } from "./control";
import { Field } from "./field";
import classes from "./form.module.css";
import { type FieldsProps, useFaults, useForm } from "./form-context";
import { IdleFields } from "./idle-fields";
import { type FieldSpec, layOut } from "./layout";
import { changed } from "./relevance";
import type { JsonSchema } from "./schema";

const NONE: ReadonlySet<string> = new Set();

export function Fields({ schema, value, path, within, common = NONE }: FieldsProps) {
  const { root, edit, aside } = useForm();
  const { main, more, set, idle } = useMemo(
    () => layOut(schema, root, value, common),
    [schema, root, value, common],
  );
  const faults = useFaults(path, true);
  const isFaulty = ({ name }: FieldSpec) =>
    faults.some((fault) => startsWith(fault.path, [...path, name].join(".")));
  const faulty = more.some(isFaulty);
  const latest = useRef(value);
  latest.current = value;
  const change = useCallback(
    (name: string, next: Json | undefined) => {
      const place = { model: schema, root, path, aside };
      const whole = changed(latest.current, name, next, place);
      const { [name]: _own, ...others } = whole;
      const alone = Object.entries(others).every(([other, there]) => latest.current[other] === there);
      const gone = Object.keys(latest.current).some((other) => other !== name && !(other in whole));
      if (alone && !gone) edit([...path, name], next);
      else edit(path, whole);
    },
    [schema, root, path, aside, edit],
  );
  const [opened, setOpen] = useState(false);
  const open = opened || faulty;
  const draw = (fields: readonly FieldSpec[]) =>
    fields
      .filter((field) => !isConstant(field.schema, root))
      .map(({ name, schema: of, required, needed }) => (
        <Field
          key={name}
          name={name}
          schema={of}
          value={value[name]}
          parent={path}
          required={required}
          needed={needed}
          within={within}
          onChange={change}
        />
      ));
  return (
    <div className={classes.fields}>
      {draw([...main, ...idle.filter(isFaulty)])}
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
      <IdleFields path={path} fields={idle.filter((field) => !isFaulty(field))} />
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
