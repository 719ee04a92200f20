/** Text on one line, or on several. */
import { Textarea, TextInput } from "@mantine/core";
import type { DragEvent } from "react";
import { EXPRESSION_TYPE } from "../../code/expression/place";
import { type ControlProps, useForm } from "../form-context";
import { type JsonSchema, textOf } from "../schema";
import { useDraft } from "../use-draft";

export function TextControl({ id, label, shape, value, onChange, invalid, describedBy }: ControlProps) {
  const { readOnly, focused } = useForm();
  const emptyCounts = textOf(shape.schema.default) !== "";
  const draft = useDraft(value === undefined || value === null ? "" : String(value), (text: string) =>
    onChange(text === "" && !emptyCounts ? undefined : text),
  );

  // A template takes expressions: one that is dropped or clicked is written in braces.
  const insert = (expression: string) => {
    const text = `${draft.value}{{ ${expression} }}`;
    draft.change(text);
    draft.flush();
  };

  function dropped(event: DragEvent) {
    const expression = event.dataTransfer.getData(EXPRESSION_TYPE);
    if (!expression || !shape.template) return;
    event.preventDefault();
    insert(expression);
  }

  const shared = {
    id,
    value: draft.value,
    readOnly,
    placeholder: placeholderOf(shape.schema),
    error: invalid,
    "aria-label": label,
    "aria-describedby": describedBy,
    onChange: (event: { currentTarget: { value: string } }) => {
      draft.change(event.currentTarget.value);
      // The field becomes an editor of expressions at once.
      if (shape.template && event.currentTarget.value.includes("{{")) draft.flush();
    },
    onBlur: draft.flush,
    onFocus: () => shape.template && focused({ insert }),
    onDrop: dropped,
  };
  const long = shape.control.kind === "text" && shape.control.long;
  return long ? <Textarea {...shared} autosize minRows={3} maxRows={16} /> : <TextInput {...shared} />;
}

/** The default, or else an example. */
export function placeholderOf(schema: JsonSchema): string {
  const { default: normal, examples } = schema;
  if (typeof normal === "number" || (typeof normal === "string" && normal !== "")) return String(normal);
  const example = Array.isArray(examples) ? examples[0] : undefined;
  return typeof example === "string" || typeof example === "number" ? String(example) : "";
}
