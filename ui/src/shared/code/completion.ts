/** Hands what `completeAt` says to CodeMirror. */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  startCompletion,
} from "@codemirror/autocomplete";
import { type Extension, Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { openedTwice, steppedOver } from "./expression/braces";
import { type Choice, completeAt } from "./expression/complete";
import type { ExpressionHelp, Mode } from "./expression/scope";

export function completion(mode: Mode, help: () => ExpressionHelp): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const found = completeAt(context.state.doc.toString(), context.pos, mode, help());
    if (found === null || found.choices.length === 0) return null;
    const typed = found.from < context.pos || wanted(context);
    if (!typed && !context.explicit) return null;
    return {
      from: found.from,
      to: found.to,
      options: found.choices.map(option),
      validFor: /^[\p{L}\p{N}_]*$/u,
    };
  };
  return [
    autocompletion({ override: [source], icons: true, activateOnTyping: true, maxRenderedOptions: 40 }),
    openAfterBraces(mode),
    mode === "template" ? [openOverBraces, closeOverBraces] : [],
  ];
}

/** A dot, a pipe or a bracket asks for what can follow. */
function wanted(context: CompletionContext): boolean {
  return /(?:[.|]\s?|\[['"]|\{\{\s?)$/.test(
    context.state.sliceDoc(Math.max(0, context.pos - 4), context.pos),
  );
}

/** `{{` becomes `{{  }}` with the cursor in the middle, and what can stand there is shown. */
function openAfterBraces(mode: Mode): Extension {
  return EditorView.inputHandler.of((view, from, to, text) => {
    if (mode !== "template" || text !== "{" || from !== to) return false;
    if (view.state.sliceDoc(from - 1, from) !== "{" || view.state.sliceDoc(from - 2, from - 1) === "{")
      return false;
    const closed = view.state.sliceDoc(to, to + 1) === "}";
    view.dispatch({
      changes: { from, to: closed ? to + 1 : to, insert: "{  }}" },
      selection: { anchor: from + 2 },
      userEvent: "input.type",
    });
    startCompletion(view);
    return true;
  });
}

/** Before brackets are closed: a pair of braces within the braces is none. */
const openOverBraces = Prec.high(
  EditorView.inputHandler.of((view, from, to, text) => {
    const { doc } = view.state;
    if (text !== "{" || from !== to) return false;
    const dropped = openedTwice(doc.sliceString(0, from), doc.sliceString(to, to + 6));
    if (dropped === null) return false;
    view.dispatch({ changes: { from: from - 1, to: to + dropped }, userEvent: "input.type" });
    return true;
  }),
);

const closeOverBraces = EditorView.inputHandler.of((view, from, to, text) => {
  if (from !== to) return false;
  const { doc } = view.state;
  const stepped = steppedOver(doc.sliceString(0, from), doc.sliceString(from, from + 3), text);
  if (stepped === null) return false;
  view.dispatch({
    changes: { from, to: from + stepped.drop },
    selection: { anchor: from + stepped.over },
    userEvent: "input.type",
  });
  return true;
});

function option(choice: Choice): Completion {
  return {
    label: choice.label,
    detail: choice.detail,
    type: choice.kind === "key" || choice.kind === "name" ? choice.kind : choice.kind,
    boost: Math.round(choice.order * 15),
    ...(choice.help ? { info: choice.help } : {}),
    apply: (view, _completion, from, to) => {
      const start = choice.from ?? from;
      const anchor = start + choice.insert.length - choice.back;
      view.dispatch({
        changes: { from: start, to, insert: choice.insert },
        selection: { anchor },
        userEvent: "input.complete",
      });
    },
  };
}
