/** The control of a shape, without its label: one component for each kind. */
import type { ComponentType } from "react";
import { hasExpression } from "../../code/expression/tokens";
import type { Control } from "../control";
import { ExpressionInput } from "../expression-input";
import type { BodyProps, ControlProps } from "../form-context";
import { textOf } from "../schema";
import { AnyControl } from "./any";
import { BooleanControl, ChoiceControl, ChoicesControl, TextsControl } from "./choices";
import { CodeControl } from "./code";
import { ListControl } from "./list";
import { MapControl } from "./map";
import { MomentControl } from "./moment";
import { DurationControl, NumberControl } from "./numbers";
import { ObjectControl } from "./object";
import { PickerControl } from "./picker";
import { placeholderOf, TextControl } from "./text";
import { UnionControl } from "./union";

const CONTROLS: Record<Control["kind"], ComponentType<ControlProps>> = {
  text: TextControl,
  code: CodeControl,
  number: NumberControl,
  duration: DurationControl,
  boolean: BooleanControl,
  choice: ChoiceControl,
  choices: ChoicesControl,
  texts: TextsControl,
  list: ListControl,
  object: ObjectControl,
  map: MapControl,
  union: UnionControl,
  any: AnyControl,
  expression: ExpressionControl,
  moment: MomentControl,
  picker: PickerControl,
};

export function ControlBody({ asExpression, focusExpression, ...props }: BodyProps) {
  const { shape, value, onChange, onExpression } = props;
  if (asExpression) {
    const long = shape.control.kind === "code" || (shape.control.kind === "text" && shape.control.long);
    return (
      <ExpressionInput
        value={typeof value === "string" ? value : ""}
        onChange={(text) => onChange(text === "" ? undefined : text)}
        mode="template"
        names={shape.names}
        label={`${props.label}, expression`}
        describedBy={props.describedBy}
        placeholder="{{ input.… }}"
        invalid={props.invalid}
        long={long}
        autoFocus={focusExpression}
      />
    );
  }
  const Shown = CONTROLS[shape.control.kind];
  const watched = shape.template && shape.control.kind === "text";
  const change: ControlProps["onChange"] = (next) => {
    if (watched && typeof next === "string" && hasExpression(next)) onExpression();
    onChange(next);
  };
  return <Shown {...props} onChange={change} />;
}

/** One expression without braces. */
function ExpressionControl({ shape, value, onChange, label, describedBy, invalid }: ControlProps) {
  return (
    <ExpressionInput
      value={textOf(value)}
      onChange={(text) => onChange(text === "" ? undefined : text)}
      mode="expression"
      names={shape.names}
      label={label}
      describedBy={describedBy}
      placeholder={placeholderOf(shape.schema)}
      invalid={invalid}
    />
  );
}
