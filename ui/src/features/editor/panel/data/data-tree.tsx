/** A value as a tree: what is dragged from it into a field, or clicked, becomes the expression that looks it up. */
import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconGripVertical } from "@tabler/icons-react";
import { useState } from "react";
import type { Json, JsonObject } from "@/graph/workflow";
import { keysOf } from "@/shared/code/expression/look-up";
import { EXPRESSION_TYPE } from "@/shared/code/expression/place";
import { type DataPath, kindOf, pathExpression, sample } from "@/shared/code/expression/scope";
import classes from "./data.module.css";

interface Props {
  path: DataPath;
  name: string;
  value?: Json | undefined;
  schema?: JsonObject | undefined;
  onPick: ((expression: string) => void) | null;
  open?: boolean;
  depth?: number;
}

const MOST = 100;

interface Child {
  readonly step: string | number;
  readonly value?: Json;
  readonly schema?: JsonObject;
}

export function DataTree(props: Props) {
  const { path, name, value, schema, onPick, depth = 0 } = props;
  const [open, setOpen] = useState(props.open ?? false);
  const children = childrenOf(value, schema);
  const expandable = children.length > 0;
  return (
    <li className={classes.node}>
      <div className={classes.line}>
        {expandable ? (
          <UnstyledButton
            className={classes.toggle}
            onClick={() => setOpen(!open)}
            aria-expanded={open}
            aria-label={`${open ? "Close" : "Open"} ${name}`}
          >
            {open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
          </UnstyledButton>
        ) : (
          <span className={classes.toggle} />
        )}
        <Pill path={path} name={name} value={value} schema={schema} onPick={onPick} />
        <span className={classes.value} data-kind={kindOf(value)}>
          {told(value, schema, open)}
        </span>
      </div>
      {open && expandable && (
        <ul className={classes.children}>
          {children.slice(0, MOST).map((child) => (
            <DataTree
              key={child.step}
              path={[...path, child.step]}
              name={String(child.step)}
              value={child.value}
              schema={child.schema}
              onPick={onPick}
              depth={depth + 1}
            />
          ))}
          {children.length > MOST && <li className={classes.rest}>and {children.length - MOST} more</li>}
        </ul>
      )}
    </li>
  );
}

type PillProps = Pick<Props, "path" | "name" | "value" | "schema" | "onPick">;

function Pill({ path, name, value, schema, onPick }: PillProps) {
  const expression = pathExpression(path);
  const kind = value === undefined ? kindWord(schema) : kindOf(value);
  const shared = { className: classes.pill, title: `${expression} · ${kind}` };
  if (onPick === null) return <span {...shared}>{name}</span>;
  return (
    <button
      type="button"
      {...shared}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(EXPRESSION_TYPE, expression);
        event.dataTransfer.setData("text/plain", `{{ ${expression} }}`);
        event.dataTransfer.effectAllowed = "copy";
      }}
      // The field stays in focus, and gets the expression.
      onMouseDown={(event) => event.preventDefault()}
      onClick={() => onPick(expression)}
      aria-label={`Insert ${expression}`}
    >
      <IconGripVertical size={11} aria-hidden="true" className={classes.grip} />
      {name}
    </button>
  );
}

function childrenOf(value: Json | undefined, schema: JsonObject | undefined): readonly Child[] {
  if (Array.isArray(value)) return value.map((one: Json, step) => ({ step, value: one }));
  const found = { ...(value === undefined ? {} : { value }), ...(schema === undefined ? {} : { schema }) };
  return keysOf(found).map(({ key, ...rest }) => ({ step: key, ...rest }));
}

function kindWord(schema: JsonObject | undefined): string {
  return typeof schema?.type === "string" ? schema.type : "not known yet";
}

function told(value: Json | undefined, schema: JsonObject | undefined, open: boolean): string {
  if (value === undefined) return typeof schema?.type === "string" ? schema.type : "";
  if (Array.isArray(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  if (value !== null && typeof value === "object") return open ? "" : sample(value);
  return sample(value);
}
