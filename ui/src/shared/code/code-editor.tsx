/** The editor for code, JSON, expressions and templates. CodeMirror itself is loaded when the first one is shown. */

import { type ComponentType, lazy, Suspense, useState } from "react";
import { whenThere } from "@/shared/api/reach";
import classes from "./code.module.css";
import type { CodeEditorProps } from "./types";

/** What stands in for a field until its editor is there. */
export const COMING = "[data-coming]";

let Loaded: ComponentType<CodeEditorProps> | null = null;

async function load() {
  const found = await whenThere(() => import("./code-mirror"));
  Loaded = found.default;
  return found;
}

const CodeMirrorEditor = lazy(load);

/** Before somebody writes an expression, so that no key is lost while the editor is fetched. */
export function preloadCodeEditor(): void {
  // Without a connection it is tried again when the editor is shown.
  load().catch(() => undefined);
}

export function CodeEditor(props: CodeEditorProps) {
  // What is there needs no waiting: a field that becomes an editor under somebody's hands has the focus before the next key.
  // An editor that began otherwise stays as it is: it would lose the cursor.
  const [Ready] = useState(() => Loaded);
  if (Ready !== null) return <Ready {...props} />;
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
      data-coming
    >
      {value || " "}
    </pre>
  );
}
