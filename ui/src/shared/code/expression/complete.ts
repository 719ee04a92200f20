/** What can be written at a place of an expression: keys with their values, names, functions. Pure; the editor shows it. */
import { chainBefore, chainFound, type Found, foundKind, type Key, keysOf, nameFound } from "./look-up";
import {
  type ExpressionHelp,
  isIdentifier,
  kindOf,
  type Mode,
  quote,
  type ScopeEntry,
  sample,
} from "./scope";
import { piecesOf, type Token, tokenize } from "./tokens";

export interface Choice {
  readonly label: string;
  readonly kind: "name" | "key" | "function" | "keyword";
  /** What stands at its right: a sample of the value, or what it works on. */
  readonly detail: string;
  readonly help: string;
  readonly insert: string;
  /** Where the cursor goes, counted back from the end of what was inserted. */
  readonly back: number;
  /** Replaces from here instead of from the start of the word, as a `.` before a key that needs brackets. */
  readonly from?: number;
  readonly order: number;
}

export interface Choices {
  readonly from: number;
  readonly to: number;
  readonly choices: readonly Choice[];
}

const WORDS = ["if", "else", "and", "or", "not", "in", "for", "true", "false", "null"];
const IN_KEY = /\[\s*(['"])([^'"\n]*)$/;

/** What fits at `position`; null outside of an expression, and where nothing is to be said. */
export function completeAt(
  source: string,
  position: number,
  mode: Mode,
  help: ExpressionHelp,
): Choices | null {
  const region = regionAt(source, position, mode);
  if (region === null) return null;
  const before = source.slice(region.from, position);
  const all = tokenize(source, region.from, region.to);
  const key = IN_KEY.exec(before);
  if (key !== null) return keysInBrackets(key, position, tokenize(source, region.from, position), all, help);
  const tokens = tokenize(source, region.from, position);
  const last = tokens.at(-1);
  if (last?.kind === "text" || last?.kind === "other") return null;
  const word = last && last.to === position && last.kind === "name" ? last : null;
  const from = word?.from ?? position;
  const to = wordEnd(source, position);
  const previous = word ? tokens.length - 2 : tokens.length - 1;
  const sign = tokens[previous]?.text;
  if (sign === ".") return { from, to, choices: members(tokens, previous, all, help) };
  if (sign === "|")
    return { from, to, choices: functionsFor(kindBefore(tokens, previous, all, help), help, true) };
  return { from, to, choices: names(help, all) };
}

function regionAt(source: string, position: number, mode: Mode): { from: number; to: number } | null {
  if (mode === "expression") return { from: 0, to: source.length };
  const piece = piecesOf(source).find(
    ({ innerFrom, innerTo }) => innerFrom <= position && position <= innerTo,
  );
  return piece ? { from: piece.innerFrom, to: piece.innerTo } : null;
}

function wordEnd(source: string, position: number): number {
  return position + (/^[\p{L}\p{N}_]+/u.exec(source.slice(position, position + 200))?.[0].length ?? 0);
}

function keysInBrackets(
  match: RegExpExecArray,
  position: number,
  tokens: readonly Token[],
  all: readonly Token[],
  help: ExpressionHelp,
): Choices | null {
  const bracket = tokens.findLastIndex((token) => token.text === "[");
  const chain = chainBefore(tokens, bracket);
  const found = chain && chainFound(chain, all, help.scope);
  if (!found) return null;
  const mark = match[1] ?? "'";
  const choices = keysOf(found).map((key) => ({ ...keyChoice(key), insert: `${key.key}${mark}]` }));
  return { from: position - (match[2]?.length ?? 0), to: position, choices };
}

function members(
  tokens: readonly Token[],
  dot: number,
  all: readonly Token[],
  help: ExpressionHelp,
): readonly Choice[] {
  const chain = chainBefore(tokens, dot);
  const found = chain && chainFound(chain, all, help.scope);
  const dotAt = tokens[dot]?.from ?? 0;
  const keys = found ? keysOf(found).map((key) => withBrackets(keyChoice(key), dotAt)) : [];
  const kind = kindBefore(tokens, dot, all, help);
  return [...keys, ...functionsFor(kind, help, false)];
}

function withBrackets(choice: Choice, dot: number): Choice {
  if (isIdentifier(choice.label)) return choice;
  return { ...choice, from: dot, insert: `[${quote(choice.label)}]` };
}

function keyChoice(key: Key): Choice {
  const kind = foundKind(key);
  const described = typeof key.schema?.description === "string" ? key.schema.description : "";
  const detail = key.value === undefined ? kind.replace("unknown", "") : sample(key.value);
  return { label: key.key, kind: "key", detail, help: described, insert: key.key, back: 0, order: 3 };
}

function kindBefore(
  tokens: readonly Token[],
  at: number,
  all: readonly Token[],
  help: ExpressionHelp,
): string {
  const chain = chainBefore(tokens, at);
  const found: Found | null = chain && chainFound(chain, all, help.scope);
  if (found) return foundKind(found);
  const last = tokens[at - 1];
  if (last?.kind === "text") return "text";
  if (last?.kind === "number") return "number";
  return "unknown";
}

function functionsFor(kind: string, help: ExpressionHelp, piped: boolean): Choice[] {
  return help.functions
    .filter(({ on }) => kind === "unknown" || on.some((receiver) => fits(receiver, kind)))
    .map((one) => {
      const brackets = !piped || one.signature !== `${one.name}()`;
      const back = brackets && one.signature !== `${one.name}()` ? 1 : 0;
      return {
        label: one.name,
        kind: "function",
        detail: one.signature.slice(one.name.length),
        help: `${one.help}\n${one.example} → ${JSON.stringify(one.result)}`,
        insert: brackets ? `${one.name}()` : one.name,
        back,
        order: 1,
      };
    });
}

function fits(receiver: string, kind: string): boolean {
  if (receiver === "any" || receiver === kind) return true;
  if (receiver === "integer") return kind === "number";
  return receiver === "date" && kind === "text";
}

function names(help: ExpressionHelp, all: readonly Token[]): Choice[] {
  const bound = all.flatMap((token, at) => {
    const next = all[at + 1];
    return token.text === "for" && next?.kind === "name" && all[at + 2]?.text === "in" ? [next.text] : [];
  });
  const local = [...new Set(bound)].map((name) =>
    nameChoice({ name, help: "of this expression", ...nameFound(name, all, []) }, 5),
  );
  // In the order in which they are given: those that are used most come first.
  const scope = help.scope.map((entry, place) =>
    nameChoice(entry, 4 + 0.9 * (1 - place / help.scope.length)),
  );
  const words = WORDS.map(
    (word): Choice => ({
      label: word,
      kind: "keyword",
      detail: "",
      help: "",
      insert: word,
      back: 0,
      order: 0,
    }),
  );
  return [...local, ...scope, ...functionsFor("unknown", help, false), ...words];
}

function nameChoice(entry: ScopeEntry, order: number): Choice {
  const detail = entry.value === undefined ? kindOf(undefined).replace("unknown", "") : sample(entry.value);
  return { label: entry.name, kind: "name", detail, help: entry.help, insert: entry.name, back: 0, order };
}
