/** The value of a named row, with its own switch between value and expression. */
import { type ReactNode, useCallback, useMemo } from "react";
import type { Json } from "@/graph/workflow";
import { faultOf } from "../check";
import type { Shape } from "../control";
import { FieldFaults } from "../field-faults";
import classes from "../form.module.css";
import { useFaults, useForm } from "../form-context";
import { sameJson } from "../schema";
import { toLiteral, toTemplate } from "../switching";
import { useExpressionSwitch } from "../use-expression-switch";
import { ValueSwitch } from "../value-switch";
import type { Path } from "../values";

interface Props {
  name: string;
  shape: Shape;
  value: Json;
  parent: Path;
  nameField: ReactNode;
  /** What can be done with the row. */
  actions: ReactNode;
}

export function MapValue({ name, shape, value, parent, nameField, actions }: Props) {
  const { parts, id, edit, readOnly } = useForm();
  const path = useMemo(() => [...parent, name], [parent, name]);
  const faults = useFaults(path, true);
  const { asExpression, focus, choose } = useExpressionSwitch(value, shape);
  const wrong = faultOf(value, shape);
  const change = useCallback((next: Json | undefined) => edit(path, next ?? ""), [edit, path]);

  function toggle(expression: boolean) {
    choose(expression);
    const next = expression ? toTemplate(value, shape) : (toLiteral(value, shape) ?? "");
    if (next !== undefined && !sameJson(next, value)) change(next);
  }

  return (
    <div className={classes.mapRow}>
      <div className={classes.mapHead}>
        {nameField}
        {shape.template && !readOnly && <ValueSwitch of={name} expression={asExpression} onChange={toggle} />}
        {actions}
      </div>
      <parts.Body
        id={`${id}-${path.join("-")}`}
        label={name}
        name={name}
        shape={shape}
        value={value}
        path={path}
        onChange={change}
        onExpression={() => choose(true)}
        asExpression={asExpression}
        required
        invalid={wrong !== null || faults.length > 0}
        focusExpression={focus}
      />
      <FieldFaults own={wrong} faults={faults} />
    </div>
  );
}
