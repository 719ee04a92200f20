/** CodeMirror's side-by-side view; loaded when somebody wants to see it. */
import { json } from "@codemirror/lang-json";
import { MergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { look } from "@/shared/code/look";
import { cspNonce } from "@/shared/csp-nonce";

interface Props {
  before: string;
  after: string;
}

export default function JsonMerge({ before, after }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const extensions = (label: string) => [
      json(),
      look,
      lineNumbers(),
      EditorView.lineWrapping,
      EditorState.readOnly.of(true),
      EditorView.editable.of(false),
      EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
      EditorView.cspNonce.of(cspNonce ?? ""),
    ];
    const view = new MergeView({
      a: { doc: before, extensions: extensions("Before") },
      b: { doc: after, extensions: extensions("After") },
      parent: host.current ?? document.body,
      collapseUnchanged: { margin: 3, minSize: 6 },
      gutter: true,
    });
    return () => view.destroy();
  }, [before, after]);
  return <div ref={host} />;
}
