/** CodeMirror as a React component: the text comes and goes as a property, everything else is set up once. */
import {
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  startCompletion,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { setDiagnostics } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { Compartment, EditorState, type Extension } from "@codemirror/state";
import { drawSelection, EditorView, keymap, lineNumbers, placeholder, tooltips } from "@codemirror/view";
import { useEffect, useImperativeHandle, useRef } from "react";
import { cspNonce } from "../csp-nonce";
import classes from "./code.module.css";
import { completion } from "./completion";
import { dropData, insertExpression } from "./data-drop";
import { Echo } from "./echo";
import { NO_HELP } from "./expression/scope";
import { placeToWrite } from "./expression/tokens";
import { expressionMarks } from "./expression-marks";
import { loadLanguage } from "./languages";
import { look } from "./look";
import type { CodeEditorProps, CodeFault } from "./types";

const CODE = new Set(["python", "javascript", "json"]);

export default function CodeMirrorEditor(props: CodeEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const echo = useRef<Echo | null>(null);
  echo.current ??= new Echo(props.value);
  const { value, faults, ref, language, expressions } = props;

  useEffect(() => {
    const language = new Compartment();
    const made = new EditorView({
      parent: host.current ?? undefined,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [language.of([]), extensionsOf(latest, echo)],
      }),
    });
    view.current = made;
    let gone = false;
    loadLanguage(latest.current.language).then((loaded) => {
      if (!gone) made.dispatch({ effects: language.reconfigure(loaded) });
    });
    return () => {
      gone = true;
      made.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const made = view.current;
    if (made === null || !echo.current?.takes(value) || made.state.doc.toString() === value) return;
    const anchor = Math.min(made.state.selection.main.anchor, value.length);
    made.dispatch({ changes: { from: 0, to: made.state.doc.length, insert: value }, selection: { anchor } });
  }, [value]);

  // After the text is as it was given: what is begun here comes back as the next one.
  useEffect(() => {
    if (view.current !== null && latest.current.autoFocus)
      beginWriting(view.current, latest.current.expressions);
  }, []);

  useEffect(() => {
    const made = view.current;
    if (made)
      made.dispatch(
        setDiagnostics(
          made.state,
          (faults ?? []).map((fault) => diagnostic(fault, made.state)),
        ),
      );
  }, [faults]);

  useImperativeHandle(ref, () => ({
    focus: () => view.current?.focus(),
    insertExpression: (text) => {
      if (view.current) insertExpression(view.current, text, latest.current.expressions);
    },
  }));

  return (
    <div
      ref={host}
      className={classes.editor}
      data-code={CODE.has(language) || undefined}
      data-expressions={expressions}
      data-invalid={props.invalid || undefined}
      data-read-only={props.readOnly || undefined}
    />
  );
}

/** The field became an editor under somebody's hands: it takes the focus, and they go on where they were. */
function beginWriting(view: EditorView, mode: CodeEditorProps["expressions"]): void {
  view.focus();
  const found = view.state.doc.toString();
  const { text, at } = mode === "template" ? placeToWrite(found) : { text: found, at: found.length };
  view.dispatch({
    changes: text === found ? [] : { from: 0, to: found.length, insert: text },
    selection: { anchor: at },
  });
  if (text !== found) startCompletion(view);
}

function diagnostic(fault: CodeFault, state: EditorState) {
  const { fix } = fault;
  const from = Math.min(fault.from, state.doc.length);
  const to = Math.min(Math.max(fault.to, from), state.doc.length);
  const apply = (view: EditorView, start: number, end: number) =>
    view.dispatch({ changes: { from: start, to: end, insert: fix?.insert ?? "" } });
  return { ...fault, from, to, actions: fix ? [{ name: fix.label, apply }] : [] };
}

function extensionsOf(
  latest: React.RefObject<CodeEditorProps>,
  echo: React.RefObject<Echo | null>,
): Extension[] {
  const { language, expressions, singleLine, readOnly, label, describedBy } = latest.current;
  const isCode = CODE.has(language);
  const attributes: Record<string, string> = { "aria-label": label, spellcheck: isCode ? "false" : "true" };
  if (describedBy) attributes["aria-describedby"] = describedBy;
  return [
    EditorView.cspNonce.of(cspNonce),
    look,
    EditorView.contentAttributes.of(attributes),
    heights(latest.current),
    history(),
    drawSelection(),
    tooltips({ parent: document.body, position: "fixed" }),
    isCode || expressions ? [bracketMatching(), closeBrackets(), indentOnInput()] : [],
    latest.current.lineNumbers ? lineNumbers() : [],
    latest.current.placeholder ? placeholder(latest.current.placeholder) : [],
    singleLine ? [oneLine, EditorView.lineWrapping] : isCode ? [] : EditorView.lineWrapping,
    expressions
      ? [
          expressionMarks(expressions),
          completion(expressions, () => latest.current.help ?? NO_HELP),
          dropData(expressions),
        ]
      : [],
    keysOf(isCode, singleLine),
    readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(true)] : [],
    EditorView.updateListener.of((update) => {
      if (update.docChanged) {
        const text = update.state.doc.toString();
        if (echo.current?.gives(text)) latest.current.onChange?.(text);
      }
      if (update.focusChanged) (update.view.hasFocus ? latest.current.onFocus : latest.current.onBlur)?.();
    }),
  ];
}

function keysOf(isCode: boolean, singleLine: boolean | undefined): Extension {
  const indents = isCode && !singleLine;
  const keys = keymap.of([
    ...closeBracketsKeymap,
    ...completionKeymap,
    ...OWN_KEYMAP,
    ...historyKeymap,
    ...(singleLine ? [] : searchKeymap),
    ...(indents ? [indentWithTab] : []),
  ]);
  return indents ? [keys, wayOut] : keys;
}

/** Ctrl-Enter runs the workflow. */
const OWN_KEYMAP = defaultKeymap.filter(({ key }) => key !== "Mod-Enter");

/** Tab indents, so there is another way out: after Escape, Tab goes on to the next field, until something is typed. */
const wayOut: Extension = [
  EditorView.contentAttributes.of({ "aria-description": "Tab indents. Escape, then Tab leaves the field." }),
  EditorView.domEventHandlers({
    keydown: (event, view) => {
      if (event.key === "Tab" || event.key === "Shift" || completionStatus(view.state) !== null) return false;
      const leaving = event.key === "Escape" && !view.contentDOM.hasAttribute("data-leaving");
      setLeaving(view, leaving || event.key === "Escape");
      if (leaving) event.preventDefault();
      return false;
    },
    blur: (_event, view) => setLeaving(view, false),
  }),
];

function setLeaving(view: EditorView, leaving: boolean): void {
  view.setTabFocusMode(leaving);
  view.contentDOM.toggleAttribute("data-leaving", leaving);
}

/** Line breaks that are pasted become spaces. */
const oneLine = EditorState.transactionFilter.of((transaction) => {
  if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
  const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
  const anchor = Math.min(transaction.newSelection.main.anchor, text.length);
  return [
    { changes: { from: 0, to: transaction.startState.doc.length, insert: text }, selection: { anchor } },
  ];
});

function heights({ minHeight, maxHeight, singleLine }: CodeEditorProps): Extension {
  const most = typeof maxHeight === "number" ? `${maxHeight}px` : maxHeight;
  return EditorView.theme({
    ".cm-scroller": { maxHeight: most ?? (singleLine ? "120px" : "420px"), overflow: "auto" },
    ".cm-content": { minHeight: singleLine || minHeight === undefined ? "auto" : `${minHeight}px` },
  });
}
