/** A value as JSON text. What is no JSON yet stays in the field, with the reason, and changes nothing. */
import { Text } from "@mantine/core";
import { useMemo, useState } from "react";
import type { Json } from "@/graph/workflow";
import { CodeEditor } from "../../code/code-editor";
import classes from "../form.module.css";
import { useForm } from "../form-context";
import { parseJson } from "../parse-json";
import { useDraft } from "../use-draft";

interface Props {
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
  label: string;
  template: boolean;
  minHeight?: number;
}

export function JsonInput({ value, onChange, label, template, minHeight = 96 }: Props) {
  const { readOnly, help } = useForm();
  const written = useMemo(() => (value === undefined ? "" : JSON.stringify(value, null, 2)), [value]);
  const [fault, setFault] = useState<string | null>(null);
  const draft = useDraft(written, (text: string) => {
    const { value: next, fault: why } = parseJson(text);
    setFault(why);
    if (why === null) onChange(next);
  });
  return (
    <>
      <CodeEditor
        value={draft.value}
        onChange={draft.change}
        onBlur={draft.flush}
        language="json"
        expressions={template ? "template" : undefined}
        help={help}
        label={label}
        readOnly={readOnly}
        invalid={fault !== null}
        minHeight={minHeight}
      />
      {fault !== null && (
        <Text size="xs" className={classes.fault} data-severity="error" role="alert">
          {fault}
        </Text>
      )}
    </>
  );
}
