/** Finding a step among all by what somebody types. */
import type { NodeType } from "@/graph/node-type";

export interface Found {
  readonly type: NodeType;
  readonly score: number;
}

// What a trigger is worth more where nothing starts the workflow yet: less than a better place for the word.
const BEGINS = 18;

/**
 * Those that match, the best first. Every word must be found: in the title, the type, the category or the help.
 * Where nothing starts the workflow yet, what does comes before what fits as well.
 */
export function searchSteps(types: readonly NodeType[], text: string, unstarted = false): NodeType[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...types];
  const found: Found[] = [];
  for (const type of types) {
    const scores = words.map((word) => scoreOf(type, word));
    if (scores.every((score) => score > 0))
      found.push({
        type,
        score: scores.reduce((sum, one) => sum + one, unstarted && type.role === "trigger" ? BEGINS : 0),
      });
  }
  return found.toSorted((one, other) => other.score - one.score).map(({ type }) => type);
}

function scoreOf(type: NodeType, word: string): number {
  const title = type.title.toLowerCase();
  return (
    scoreIn(title, word, 100) ||
    (type.role.startsWith(word) && word.length > 2 ? 65 : 0) ||
    scoreIn(type.type.toLowerCase(), word, 60) ||
    scoreIn(type.category.toLowerCase(), word, 40) ||
    scoreInHelp(type.help.toLowerCase(), word) ||
    (word.length > 2 && isSubsequence(title.replaceAll(/\W/g, ""), word) ? 8 : 0)
  );
}

function scoreIn(text: string, word: string, full: number): number {
  if (text === word) return full + 20;
  if (text.startsWith(word)) return full;
  const place = text.indexOf(word);
  if (place === -1) return 0;
  return /\w/.test(text[place - 1] ?? "") ? full / 2 : full * 0.8;
}

/** What a step does is the first word of its help, as "Sends" an e-mail; parts of words mean little. */
function scoreInHelp(help: string, word: string): number {
  if (help.startsWith(word)) return 45;
  const place = help.indexOf(word);
  if (place === -1) return 0;
  return /\w/.test(help[place - 1] ?? "") ? 10 : 15;
}

/** Whether the letters come in this order, as "htrq" in "HTTP request". */
function isSubsequence(text: string, letters: string): boolean {
  let place = 0;
  for (const letter of text) if (letter === letters[place]) place += 1;
  return place === letters.length;
}
