/** An expression, or a text with `{{ }}`: coloured, completed, and its value shown as it is typed. */
import { useMemo, useRef, useState } from "react";
import { CodeEditor } from "../code/code-editor";
import type { ExpressionHelp, Mode, Preview } from "../code/expression/scope";
import type { CodeFault, CodeHandle, CodeLanguage } from "../code/types";
import { usePreview } from "../code/use-preview";
import { useForm } from "./form-context";
import { PreviewLine } from "./preview-line";
import { useDraft } from "./use-draft";

interface Props {
  value: string;
  onChange: (value: string) => void;
  mode: Mode;
  names: readonly string[];
  label: string;
  describedBy?: string;
  placeholder?: string;
  invalid: boolean;
  long?: boolean;
  language?: CodeLanguage;
  autoFocus?: boolean;
}

export function ExpressionInput(props: Props) {
  const { value, onChange, mode, names, label, placeholder, invalid, long, autoFocus } = props;
  const form = useForm();
  const editor = useRef<CodeHandle>(null);
  const [active, setActive] = useState(false);
  const draft = useDraft(value, onChange);
  const help = useMemo(() => withOwnNames(form.help, names), [form.help, names]);
  const { preview, stale } = usePreview({ text: draft.value, mode, names, help, active });
  const faults = useMemo(() => faultsOf(preview, draft.value, stale), [preview, draft.value, stale]);

  function focused() {
    setActive(true);
    form.focused({ insert: (expression) => editor.current?.insertExpression(expression) });
  }

  return (
    <div>
      <CodeEditor
        ref={editor}
        value={draft.value}
        onChange={draft.change}
        onFocus={focused}
        onBlur={draft.flush}
        language={props.language ?? "text"}
        expressions={mode}
        help={help}
        faults={faults}
        label={label}
        describedBy={props.describedBy}
        placeholder={placeholder}
        readOnly={form.readOnly}
        invalid={invalid}
        autoFocus={autoFocus}
        singleLine={!long}
        minHeight={long ? 84 : undefined}
      />
      <PreviewLine preview={preview} stale={stale} onFix={(text) => draft.change(text)} text={draft.value} />
    </div>
  );
}

/** Names of the node's own stand before those of the run. */
function withOwnNames(help: ExpressionHelp, names: readonly string[]): ExpressionHelp {
  if (names.length === 0) return help;
  const own = names.map(
    (name) =>
      help.own?.get(name) ??
      help.scope.find((one) => one.name === name) ?? { name, help: "Given by this node." },
  );
  return { ...help, scope: [...own, ...help.scope.filter((entry) => !names.includes(entry.name))] };
}

function faultsOf(preview: Preview | null, text: string, stale: boolean): CodeFault[] {
  if (preview === null || preview.ok || stale || preview.position === null) return [];
  const from = Math.min(preview.position, Math.max(0, text.length - 1));
  const word = /^[\p{L}\p{N}_]+/u.exec(text.slice(from))?.[0].length ?? 1;
  const fix = preview.closest ? { label: `Use ${preview.closest}`, insert: preview.closest } : undefined;
  return [{ from, to: from + word, message: preview.message, severity: "error", ...(fix ? { fix } : {}) }];
}
