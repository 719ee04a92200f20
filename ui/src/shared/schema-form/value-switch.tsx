/** A value, or an expression that gives it. */
import { SegmentedControl, Tooltip } from "@mantine/core";
import { IconBraces, IconForms } from "@tabler/icons-react";
import classes from "./form.module.css";

interface Props {
  of: string;
  expression: boolean;
  onChange: (expression: boolean) => void;
}

export function ValueSwitch({ of, expression, onChange }: Props) {
  return (
    <SegmentedControl
      size="xs"
      className={classes.valueSwitch}
      aria-label={`${of}: value or expression`}
      value={expression ? "expression" : "value"}
      onChange={(chosen) => onChange(chosen === "expression")}
      data={[
        { value: "value", label: <SwitchLabel icon={IconForms} words="Value" /> },
        { value: "expression", label: <SwitchLabel icon={IconBraces} words="Expression" /> },
      ]}
    />
  );
}

function SwitchLabel({ icon: Shown, words }: { icon: typeof IconForms; words: string }) {
  return (
    <Tooltip label={words}>
      <span className={classes.switchLabel}>
        <Shown size={14} aria-label={words} />
      </span>
    </Tooltip>
  );
}
