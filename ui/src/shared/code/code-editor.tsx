/** The editor for code, JSON, expressions and templates. CodeMirror itself is loaded when the first one is shown. */
import { lazy, Suspense } from "react";
import classes from "./code.module.css";
import type { CodeEditorProps } from "./types";

const CodeMirrorEditor = lazy(() => import("./code-mirror"));

export function CodeEditor(props: CodeEditorProps) {
  return (
    <Suspense fallback={<Placeholder {...props} />}>
      <CodeMirrorEditor {...props} />
    </Suspense>
  );
}

/** The text in the same place and letters, until the editor is there. */
function Placeholder({ value, minHeight, maxHeight, singleLine }: CodeEditorProps) {
  return (
    <pre
      className={classes.waiting}
      style={{ minHeight: singleLine ? undefined : minHeight, maxHeight }}
      aria-hidden="true"
    >
      {value || " "}
    </pre>
  );
}
