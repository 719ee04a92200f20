/** Fields of any name: rows of a name and a value. */
import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Json } from "@/graph/workflow";
import { startOf } from "../check";
import { type Shape, shapeOf } from "../control";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";
import { isObject } from "../schema";
import { useDraft } from "../use-draft";
import { renamed } from "../values";
import { MapValue } from "./map-value";
import { useKeys } from "./use-keys";

export function MapControl({ shape, value, onChange, path, label, id }: ControlProps) {
  const { root, readOnly } = useForm();
  const values = shape.control.kind === "map" ? shape.control.values : {};
  const inner = useMemo(() => shapeOf(values, root, "", shape.template), [values, root, shape.template]);
  const object = isObject(value) ? value : {};
  const entries = Object.entries(object);
  const rows = useKeys(entries.length);
  const [adding, setAdding] = useState(false);

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
          taken={(text) => text !== key && text in object}
          onRename={(text) => onChange(renamed(object, key, text))}
          onRemove={() => {
            rows.remove(at);
            const { [key]: _gone, ...others } = object;
            onChange(Object.keys(others).length === 0 ? undefined : others);
          }}
          value={one}
          shape={inner}
          path={path}
          label={label}
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

interface RowProps {
  name: string;
  taken: (name: string) => boolean;
  onRename: (name: string) => void;
  onRemove: () => void;
  value: Json;
  shape: Shape;
  path: readonly (string | number)[];
  label: string;
}

function MapRow({ name, taken, onRename, onRemove, value, shape, path, label }: RowProps) {
  const { readOnly } = useForm();
  const [wrong, setWrong] = useState("");
  const draft = useDraft(name, () => undefined);

  function left() {
    draft.flush();
    const text = draft.value.trim();
    if (text === name) return;
    if (text === "" || taken(text)) {
      setWrong(text === "" ? "It needs a name." : `There is a field “${text}” already.`);
      return;
    }
    setWrong("");
    onRename(text);
  }

  return (
    <MapValue name={name} shape={shape} value={value} parent={path}>
      <TextInput
        size="xs"
        className={classes.mapName}
        classNames={{ input: classes.mono }}
        value={draft.value}
        onChange={(event) => draft.change(event.currentTarget.value)}
        onBlur={left}
        readOnly={readOnly}
        error={wrong}
        aria-label={`Name of a field of ${label}`}
      />
      {!readOnly && (
        <ActionIcon size="sm" mt={5} onClick={onRemove} aria-label={`Remove ${name}`}>
          <IconTrash size={14} />
        </ActionIcon>
      )}
    </MapValue>
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
