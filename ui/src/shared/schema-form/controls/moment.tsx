/** A moment, a date or a time of day. Moments are shown on the viewer's clock and written with its offset. */
import { TextInput } from "@mantine/core";
import { type ControlProps, useForm } from "../form-context";
import { textOf } from "../schema";

export function MomentControl({ id, label, shape, value, onChange, invalid, describedBy }: ControlProps) {
  const { readOnly } = useForm();
  const input = shape.control.kind === "moment" ? shape.control.input : "date";
  const text = textOf(value);
  const shown = input === "datetime-local" ? toLocal(text) : text;
  return (
    <TextInput
      id={id}
      type={input}
      step={1}
      value={shown}
      readOnly={readOnly}
      error={invalid}
      aria-label={label}
      aria-describedby={describedBy}
      maw={260}
      onChange={(event) => {
        const next = event.currentTarget.value;
        onChange(next === "" ? undefined : input === "datetime-local" ? withOffset(next) : next);
      }}
    />
  );
}

const two = (number: number) => String(number).padStart(2, "0");

/** As the browser's field wants it: on the viewer's clock, without an offset. */
export function toLocal(iso: string): string {
  const date = new Date(iso);
  if (iso === "" || Number.isNaN(date.getTime())) return "";
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** A time on the viewer's clock, with the offset that holds there then. */
export function withOffset(local: string): string {
  const date = new Date(local);
  const minutes = -date.getTimezoneOffset();
  const offset = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${local.length === 16 ? `${local}:00` : local}${offset}`;
}
