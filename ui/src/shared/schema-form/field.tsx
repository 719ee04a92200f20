/** One field: its name, the switch between value and expression, its control, what is wrong, and its help. */
import { Text } from "@mantine/core";
import { memo, useCallback, useMemo } from "react";
import type { Json } from "@/graph/workflow";
import { faultOf } from "./check";
import { type Control, type Shape, shapeOf } from "./control";
import { ControlBody } from "./controls/control-body";
import { FieldExamples } from "./field-examples";
import { FieldFaults } from "./field-faults";
import { FieldMenu } from "./field-menu";
import classes from "./form.module.css";
import { useFaults, useForm } from "./form-context";
import { FieldHelp } from "./prose";
import { isConditional } from "./relevance";
import { type JsonSchema, sameJson, textOf } from "./schema";
import { toLiteral, toTemplate } from "./switching";
import { useExpressionSwitch } from "./use-expression-switch";
import { ValueSwitch } from "./value-switch";
import type { Path } from "./values";
import { helpPerValue, labelOf, withoutCondition } from "./words";

interface Props {
  name: string;
  schema: JsonSchema;
  value: Json | undefined;
  /** The path of what the field is in. */
  parent: Path;
  required: boolean;
  /** It must be given as things are chosen. */
  needed: boolean;
  /** It is part of a template: all texts in it are. */
  within: boolean;
  onChange: (name: string, next: Json | undefined) => void;
}

export const Field = memo(function Field(props: Props) {
  const { name, schema, value, parent, required, needed, within, onChange } = props;
  const { root, id: prefix, readOnly } = useForm();
  const path = useMemo(() => [...parent, name], [parent, name]);
  const shape = useMemo(() => shapeOf(schema, root, name, within), [schema, root, name, within]);
  const { asExpression, focus, choose } = useExpressionSwitch(value, shape);
  const { label, unit } = labelOf(name, schema);
  const id = `${prefix}-${path.join("-")}`;
  const kind = shape.control.kind;
  const container = CONTAINERS.has(kind);
  const faults = useFaults(path, !container || asExpression);
  const wrong = faultOf(value, shape);

  const change = useCallback(
    (next: Json | undefined) => onChange(name, keep(next, schema, required) ? next : undefined),
    [onChange, name, schema, required],
  );

  function toggle(expression: boolean) {
    choose(expression);
    const next = expression ? toTemplate(value, shape) : toLiteral(value, shape);
    if (!sameJson(next, value)) change(next);
  }

  return (
    <div className={classes.field} data-container={container || undefined}>
      <div className={classes.head}>
        <Text component="label" htmlFor={id} id={`${id}-label`} className={classes.label}>
          {label}
          {(required || needed) && (
            <span className={classes.required} title="Needed">
              {" *"}
            </span>
          )}
          {unit && <span className={classes.unit}> {unit}</span>}
        </Text>
        {shape.template && !readOnly && (
          <ValueSwitch of={label} expression={asExpression} onChange={toggle} />
        )}
        {kind === "expression" && <span className={classes.isExpression}>expression</span>}
        {!readOnly && <FieldMenu label={label} schema={schema} value={value} onChange={change} />}
      </div>
      <ControlBody
        id={id}
        label={label}
        name={name}
        shape={shape}
        value={value}
        path={path}
        onChange={change}
        onExpression={() => choose(true)}
        asExpression={asExpression}
        required={required}
        invalid={wrong !== null || faults.some(({ severity }) => severity === "error")}
        describedBy={`${id}-help`}
        focusExpression={focus}
      />
      <FieldFaults own={wrong} faults={faults} />
      <FieldExamples schema={schema} value={value} required={required} label={label} onUse={change} />
      <FieldHelp id={`${id}-help`} text={helpOf(schema, shape)} />
    </div>
  );
});

const CONTAINERS = new Set<Control["kind"]>(["object", "list", "map", "union"]);

/** A default is not written, unless the field is one that must be there. */
function keep(next: Json | undefined, schema: JsonSchema, required: boolean): boolean {
  if (next === undefined) return false;
  if (required) return true;
  return !sameJson(next, schema.default as Json | undefined);
}

/** What is said of single values stands with them. */
function helpOf(schema: JsonSchema, shape: Shape): string {
  const said = textOf(schema.description) || textOf(shape.schema.description);
  const description = isConditional(schema) ? withoutCondition(said) : said;
  if (shape.control.kind !== "choice") return description;
  const values = shape.control.options.map(({ value }) => String(value));
  return helpPerValue(description, values).lead;
}
