/** Code of a language. */
import { CodeEditor } from "../../code/code-editor";
import { type ControlProps, useForm } from "../form-context";
import { textOf } from "../schema";
import { useDraft } from "../use-draft";

export function CodeControl({ shape, value, onChange, label, invalid, describedBy }: ControlProps) {
  const { readOnly } = useForm();
  const draft = useDraft(textOf(value), (text: string) => onChange(text === "" ? undefined : text));
  const language = shape.control.kind === "code" ? shape.control.language : "text";
  const programs = language === "python" || language === "javascript";
  return (
    <CodeEditor
      value={draft.value}
      onChange={draft.change}
      onBlur={draft.flush}
      language={language}
      expressions={shape.template ? "template" : undefined}
      label={label}
      describedBy={describedBy}
      readOnly={readOnly}
      invalid={invalid}
      lineNumbers={programs}
      minHeight={programs ? 220 : 84}
      maxHeight={programs ? "60vh" : 420}
    />
  );
}
