/** A value that is dragged from a tree of data into an editor becomes the expression that looks it up. */
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { EXPRESSION_TYPE, placeExpression } from "./expression/place";
import type { Mode } from "./expression/scope";

export function insertExpression(
  view: EditorView,
  expression: string,
  mode: Mode | undefined,
  at?: number,
): void {
  const { from, to } = at === undefined ? view.state.selection.main : { from: at, to: at };
  const placed = placeExpression(view.state.doc.toString(), from, expression, mode ?? "template");
  const anchor = from + placed.length;
  view.dispatch({ changes: { from, to, insert: placed }, selection: { anchor }, userEvent: "input.drop" });
  view.focus();
}

export function dropData(mode: Mode): Extension {
  return EditorView.domEventHandlers({
    drop(event, view) {
      const expression = event.dataTransfer?.getData(EXPRESSION_TYPE);
      if (!expression) return false;
      event.preventDefault();
      const at = view.posAtCoords({ x: event.clientX, y: event.clientY }) ?? view.state.doc.length;
      insertExpression(view, expression, mode, at);
      return true;
    },
  });
}
