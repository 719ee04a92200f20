/** Numbers within bounds, and durations in the unit that people think in. */
import { Group, NumberInput, Select } from "@mantine/core";
import { useState } from "react";
import { type ControlProps, useForm } from "../form-context";
import { numberOf } from "../schema";
import { useDraft } from "../use-draft";
import { placeholderOf } from "./text";

type Typed = number | "";

function useNumberDraft(value: unknown, onChange: ControlProps["onChange"]) {
  return useDraft<Typed>(typeof value === "number" ? value : "", (number) =>
    onChange(number === "" ? undefined : number),
  );
}

/** What Mantine's field hands over while something is typed that is no number yet. */
function typed(value: string | number): Typed {
  if (value === "") return "";
  const number = Number(value);
  return Number.isFinite(number) ? number : "";
}

export function NumberControl({ id, label, shape, value, onChange, invalid, describedBy }: ControlProps) {
  const { readOnly } = useForm();
  const draft = useNumberDraft(value, onChange);
  const { schema, control } = shape;
  return (
    <NumberInput
      id={id}
      value={draft.value}
      onChange={(next) => draft.change(typed(next))}
      onBlur={draft.flush}
      min={numberOf(schema.minimum)}
      max={numberOf(schema.maximum)}
      clampBehavior="none"
      allowDecimal={!(control.kind === "number" && control.integer)}
      placeholder={placeholderOf(schema)}
      readOnly={readOnly}
      error={invalid}
      aria-label={label}
      aria-describedby={describedBy}
      maw={220}
    />
  );
}

const UNITS = [
  { value: "1", label: "seconds" },
  { value: "60", label: "minutes" },
  { value: "3600", label: "hours" },
  { value: "86400", label: "days" },
];

/** The largest unit in which a number of seconds is whole. */
export function unitOf(seconds: number | undefined): string {
  if (!seconds) return "1";
  return [...UNITS].reverse().find(({ value }) => seconds % Number(value) === 0)?.value ?? "1";
}

export function DurationControl({ id, label, shape, value, onChange, invalid, describedBy }: ControlProps) {
  const { readOnly } = useForm();
  const normal = numberOf(shape.schema.default);
  const [unit, setUnit] = useState(() => unitOf(numberOf(value) ?? normal));
  const draft = useNumberDraft(value, onChange);
  const factor = Number(unit);
  const round = (seconds: number) => Number((seconds / factor).toPrecision(12));
  return (
    <Group gap={6} wrap="nowrap" maw={280}>
      <NumberInput
        id={id}
        value={draft.value === "" ? "" : round(draft.value)}
        onChange={(next) => {
          const number = typed(next);
          draft.change(number === "" ? "" : number * factor);
        }}
        onBlur={draft.flush}
        placeholder={normal === undefined ? "" : String(round(normal))}
        min={0}
        clampBehavior="none"
        readOnly={readOnly}
        error={invalid}
        aria-label={label}
        aria-describedby={describedBy}
        style={{ flex: 1 }}
      />
      <Select
        aria-label={`Unit of ${label}`}
        value={unit}
        onChange={(next) => {
          if (next === null) return;
          // The number stays, and means something else.
          if (draft.value !== "") draft.change(round(draft.value) * Number(next));
          setUnit(next);
        }}
        data={UNITS}
        disabled={readOnly}
        allowDeselect={false}
        w={112}
      />
    </Group>
  );
}
