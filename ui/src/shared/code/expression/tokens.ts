/** The words of an expression, and where the expressions of a template are. For colours and completion: the server has the last word. */
export type TokenKind = "name" | "number" | "text" | "operator" | "other";

export interface Token {
  readonly kind: TokenKind;
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** The `{{ }}` from `from` to `to`, and what is between the braces. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly innerFrom: number;
  readonly innerTo: number;
  readonly closed: boolean;
}

const TOKEN =
  /(\s+)|([\p{L}_][\p{L}\p{N}_]*)|(\d[\d_]*\.?[\d_]*(?:[eE][+-]?\d+)?)|('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(\?\?|==|!=|<=|>=|\*\*|\/\/|[-+*/%<>=.,:|()[\]{}])|([\s\S])/uy;
const KINDS: readonly TokenKind[] = ["name", "number", "text", "operator", "other"];
const OPENING = new Set(["(", "[", "{"]);
const CLOSING = new Set([")", "]", "}"]);

/** The tokens from `from` on, without spaces; with `braces`, up to the `}}` that closes them. */
export function tokenize(source: string, from = 0, to = source.length, braces = false): Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (let at = from; at < to; ) {
    if (braces && depth === 0 && source.startsWith("}}", at)) break;
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (match === null) break;
    const kind = KINDS[match.slice(2).findIndex((group) => group !== undefined)];
    if (kind) tokens.push({ kind, from: at, to: at + match[0].length, text: match[0] });
    if (OPENING.has(match[0])) depth += 1;
    else if (CLOSING.has(match[0])) depth = Math.max(0, depth - 1);
    at += match[0].length;
  }
  return tokens;
}

/** The expressions of a template, in their order. One that is not closed goes on to the end. */
export function piecesOf(source: string): Piece[] {
  const pieces: Piece[] = [];
  for (let from = source.indexOf("{{"); from >= 0; ) {
    const innerFrom = from + 2;
    const last = tokenize(source, innerFrom, source.length, true).at(-1)?.to ?? innerFrom;
    const end = source.indexOf("}}", last);
    const closed = end >= 0 && source.slice(last, end).trim() === "";
    const innerTo = closed ? end : source.length;
    const to = closed ? end + 2 : source.length;
    pieces.push({ from, to, innerFrom, innerTo, closed });
    from = source.indexOf("{{", to);
  }
  return pieces;
}

/** The expression of a template that is one whole `{{ }}`, which keeps its kind; null for anything else. */
export function wholeExpression(template: string): string | null {
  const trimmed = template.trim();
  const [piece, ...others] = piecesOf(trimmed);
  if (piece === undefined || others.length > 0 || !piece.closed) return null;
  if (piece.from !== 0 || piece.to !== trimmed.length) return null;
  return trimmed.slice(piece.innerFrom, piece.innerTo).trim();
}

/** Where somebody goes on writing in a template that is opened, with the braces that they will want. */
export function placeToWrite(template: string): { text: string; at: number } {
  if (template === "") return { text: "{{  }}", at: 3 };
  const open = piecesOf(template).find((piece) => !piece.closed || piece.innerTo - piece.innerFrom <= 2);
  if (open === undefined) return { text: template, at: template.length };
  const inner = template.slice(open.innerFrom, open.innerTo);
  if (inner.trim() !== "") return { text: template, at: template.length };
  const before = `${template.slice(0, open.innerFrom)} `;
  return { text: `${before} }}${template.slice(open.to)}`, at: before.length };
}

export function hasExpression(text: string): boolean {
  return text.includes("{{");
}
