/** A list: rows of plain values, or cards of fields; added, removed and moved. */
import { ActionIcon, Button, Tooltip } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Json } from "@/graph/workflow";
import { startOf } from "../check";
import { shapeOf } from "../control";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";
import { isObject, numberOf } from "../schema";
import { moved } from "../values";
import { ListCard } from "./list-card";
import { ListRow } from "./list-row";
import { useKeys } from "./use-keys";

export function ListControl({ shape, value, onChange, path, label, name }: ControlProps) {
  const { root, readOnly } = useForm();
  const item = shape.control.kind === "list" ? shape.control.item : {};
  const inner = useMemo(() => shapeOf(item, root, "", shape.template), [item, root, shape.template]);
  const list = listOf(value ?? (shape.schema.default as Json | undefined));
  const rows = useKeys(list.length);
  const [opened, setOpened] = useState<number | null>(null);
  const cards = inner.control.kind === "object";
  const most = numberOf(shape.schema.maxItems) ?? Number.POSITIVE_INFINITY;
  const write = (next: readonly Json[]) =>
    onChange(next.length === 0 && value === undefined ? undefined : [...next]);

  function add() {
    setOpened(list.length);
    write([...list, startOf(item, root)]);
  }

  const actionsOf = (at: number) => (
    <RowActions
      of={`${singular(label)} ${at + 1}`}
      first={at === 0}
      last={at === list.length - 1}
      onMove={(by) => {
        rows.move(at, at + by);
        write(moved(list, at, at + by));
      }}
      onRemove={() => {
        rows.remove(at);
        write(list.filter((_, place) => place !== at));
      }}
    />
  );
  const Row = cards ? ListCard : ListRow;

  return (
    <div className={classes.list}>
      {list.map((one, at) => (
        <Row
          key={rows.keys[at]}
          place={at}
          schema={item}
          shape={inner}
          value={one}
          path={path}
          label={singular(label)}
          name={name}
          opened={opened === at}
          actions={readOnly ? null : actionsOf(at)}
          // A default that is shown and not written yet is written as a whole by its first change.
          whole={value === undefined ? list : null}
        />
      ))}
      {!readOnly && list.length < most && (
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} />}
          onClick={add}
          className={classes.add}
        >
          Add {singular(label).toLowerCase()}
        </Button>
      )}
    </div>
  );
}

function listOf(value: Json | undefined): readonly Json[] {
  if (Array.isArray(value)) return value;
  return typeof value === "string" && value !== "" ? [value] : isObject(value) ? [value] : [];
}

/** "Cases" as "Case", "Branches" as "Branch". */
export function singular(label: string): string {
  if (/(ch|sh|ss|x)es$/.test(label)) return label.slice(0, -2);
  if (/ies$/.test(label)) return `${label.slice(0, -3)}y`;
  return /[^s]s$/.test(label)
    ? label.slice(0, -1)
    : label === label.toUpperCase() || label.length < 4
      ? "entry"
      : label;
}

interface ActionsProps {
  of: string;
  first: boolean;
  last: boolean;
  onMove: (by: number) => void;
  onRemove: () => void;
}

function RowActions({ of, first, last, onMove, onRemove }: ActionsProps) {
  return (
    <div className={classes.rowActions}>
      {!(first && last) && (
        <>
          <ActionIcon size={24} disabled={first} onClick={() => onMove(-1)} aria-label={`Move ${of} up`}>
            <IconArrowUp size={14} />
          </ActionIcon>
          <ActionIcon size={24} disabled={last} onClick={() => onMove(1)} aria-label={`Move ${of} down`}>
            <IconArrowDown size={14} />
          </ActionIcon>
        </>
      )}
      <Tooltip label="Remove">
        <ActionIcon size={24} onClick={onRemove} aria-label={`Remove ${of}`}>
          <IconTrash size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
