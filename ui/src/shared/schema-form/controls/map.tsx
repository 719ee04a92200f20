/** Fields of any name: rows of a name and a value. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { memo, type RefObject, useEffect, useMemo, useRef, useState } from "react";
import type { Json } from "@/graph/workflow";
import { startOf } from "../check";
import { type Shape, shapeOf } from "../control";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";
import { isObject } from "../schema";
import { type Path, renamed } from "../values";
import { MapValue } from "./map-value";
import { type Rows, useKeys } from "./use-keys";

export function MapControl({ shape, value, onChange, path, label, id }: ControlProps) {
  const { root, readOnly } = useForm();
  const values = shape.control.kind === "map" ? shape.control.values : {};
  const inner = useMemo(() => shapeOf(values, root, "", shape.template), [values, root, shape.template]);
  const object = isObject(value) ? value : {};
  const entries = Object.entries(object);
  const rows = useKeys(entries.length);
  const [adding, setAdding] = useState(false);

  // Rows are drawn again only when they change, so what they call stays the same.
  const latest = useRef({ object, onChange, rows });
  latest.current = { object, onChange, rows };
  const [calls] = useState(() => rowCalls(latest));

  function name(text: string) {
    setAdding(false);
    if (text !== "" && !(text in object)) onChange({ ...object, [text]: startOf(values, root) });
  }

  return (
    <div className={classes.list} id={id}>
      {entries.map(([key, one], at) => (
        <MapRow
          key={rows.keys[at]}
          name={key}
          value={one}
          shape={inner}
          path={path}
          label={label}
          calls={calls}
        />
      ))}
      {adding && <NewName label={label} onName={name} />}
      {!readOnly && !adding && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={() => setAdding(true)}
          className={classes.add}
        >
          Add field
        </Button>
      )}
    </div>
  );
}

interface RowCalls {
  readonly taken: (name: string) => boolean;
  readonly rename: (before: string, after: string) => void;
  readonly remove: (name: string) => void;
}

interface Latest {
  object: Readonly<Record<string, Json>>;
  onChange: ControlProps["onChange"];
  rows: Rows;
}

function rowCalls(latest: RefObject<Latest>): RowCalls {
  return {
    taken: (name) => name in latest.current.object,
    rename: (before, after) => latest.current.onChange(renamed(latest.current.object, before, after)),
    remove: (name) => {
      const { object, onChange, rows } = latest.current;
      rows.remove(Object.keys(object).indexOf(name));
      const { [name]: _gone, ...others } = object;
      onChange(Object.keys(others).length === 0 ? undefined : others);
    },
  };
}

interface RowProps {
  name: string;
  value: Json;
  shape: Shape;
  path: Path;
  label: string;
  calls: RowCalls;
}

const MapRow = memo(function MapRow({ name, value, shape, path, label, calls }: RowProps) {
  const { readOnly } = useForm();
  return (
    <MapValue
      name={name}
      shape={shape}
      value={value}
      parent={path}
      nameField={<RowName name={name} label={label} calls={calls} />}
      actions={
        readOnly ? null : (
          <ActionIcon size={24} mt={5} onClick={() => calls.remove(name)} aria-label={`Remove ${name}`}>
            <IconTrash size={14} />
          </ActionIcon>
        )
      }
    />
  );
});

interface NameProps {
  name: string;
  label: string;
  calls: RowCalls;
}

function RowName({ name, label, calls }: NameProps) {
  const { readOnly } = useForm();
  const [wrong, setWrong] = useState("");
  const [text, setText] = useState(name);
  useEffect(() => setText(name), [name]);

  function left() {
    const wanted = text.trim();
    if (wanted === name) return setWrong("");
    if (wanted === "") return setWrong("It needs a name.");
    if (calls.taken(wanted)) return setWrong(`There is a field “${wanted}” already.`);
    setWrong("");
    calls.rename(name, wanted);
  }

  return (
    <TextInput
      size="xs"
      className={classes.mapName}
      classNames={{ input: classes.mono }}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={left}
      readOnly={readOnly}
      error={wrong}
      aria-label={`Name of a field of ${label}`}
    />
  );
}

function NewName({ label, onName }: { label: string; onName: (name: string) => void }) {
  const [text, setText] = useState("");
  return (
    <TextInput
      autoFocus
      classNames={{ input: classes.mono }}
      placeholder="Name, then Enter"
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={() => onName(text.trim())}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") {
          event.stopPropagation();
          onName("");
        }
      }}
      aria-label={`Name of the new field of ${label}`}
    />
  );
}
