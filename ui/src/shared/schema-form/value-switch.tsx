/** A value, or an expression that gives it. */
import { SegmentedControl } from "@mantine/core";
import classes from "./form.module.css";

interface Props {
  of: string;
  expression: boolean;
  onChange: (expression: boolean) => void;
}

const WAYS = [
  { value: "value", label: "Value" },
  { value: "expression", label: "Expression" },
];

export function ValueSwitch({ of, expression, onChange }: Props) {
  return (
    <SegmentedControl
      size="xs"
      className={classes.valueSwitch}
      classNames={{ label: classes.switchLabel }}
      aria-label={`${of}: value or expression`}
      value={expression ? "expression" : "value"}
      onChange={(chosen) => onChange(chosen === "expression")}
      data={WAYS}
    />
  );
}
