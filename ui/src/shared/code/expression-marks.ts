/** Colours for expressions, and a ground for the `{{ }}` they stand in, over whatever language is around them. */
import type { Range } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  type EditorView,
  ViewPlugin,
  type ViewUpdate,
} from "@codemirror/view";
import type { Mode } from "./expression/scope";
import { piecesOf, type Token, tokenize } from "./expression/tokens";

const WORDS = new Set(["if", "else", "and", "or", "not", "in", "for"]);
const VALUES = new Set(["true", "false", "null", "True", "False", "None"]);
const mark = (name: string) => Decoration.mark({ class: `wb-${name}` });
const MARKS = {
  piece: mark("piece"),
  brace: mark("brace"),
  keyword: mark("keyword"),
  number: mark("number"),
  text: mark("text"),
  name: mark("name"),
  key: mark("key"),
  function: mark("function"),
  operator: mark("operator"),
};

/** What a token is drawn as, by what stands around it. */
function looksLike(token: Token, before: Token | undefined, after: Token | undefined): Decoration {
  if (token.kind === "number") return MARKS.number;
  if (token.kind === "text") return MARKS.text;
  if (token.kind !== "name") return MARKS.operator;
  if (WORDS.has(token.text)) return MARKS.keyword;
  if (VALUES.has(token.text)) return MARKS.number;
  if (after?.text === "(" || before?.text === "|") return MARKS.function;
  return before?.text === "." ? MARKS.key : MARKS.name;
}

function tokenMarks(source: string, from: number, to: number): Range<Decoration>[] {
  const tokens = tokenize(source, from, to);
  return tokens.map((token, at) =>
    looksLike(token, tokens[at - 1], tokens[at + 1]).range(token.from, token.to),
  );
}

function marksOf(source: string, mode: Mode): DecorationSet {
  if (mode === "expression") return Decoration.set(tokenMarks(source, 0, source.length), true);
  const ranges = piecesOf(source).flatMap((piece) => [
    MARKS.piece.range(piece.from, piece.to),
    MARKS.brace.range(piece.from, piece.innerFrom),
    ...(piece.closed ? [MARKS.brace.range(piece.innerTo, piece.to)] : []),
    ...tokenMarks(source, piece.innerFrom, piece.innerTo),
  ]);
  return Decoration.set(ranges, true);
}

export function expressionMarks(mode: Mode) {
  return ViewPlugin.fromClass(
    class {
      decorations: DecorationSet;
      constructor(view: EditorView) {
        this.decorations = marksOf(view.state.doc.toString(), mode);
      }
      update(update: ViewUpdate) {
        if (update.docChanged) this.decorations = marksOf(update.state.doc.toString(), mode);
      }
    },
    { decorations: (plugin) => plugin.decorations },
  );
}
