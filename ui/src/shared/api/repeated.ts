/**
 * The keys by which the server knows a change that is sent again. Whoever presses a button again because no answer came
 * means the same thing, and it is not done twice: what was sent without an answer goes out under its first key.
 */
const REMEMBERED_MS = 10 * 60_000;
const MOST = 20;

interface Unanswered {
  readonly key: string;
  readonly at: number;
}

const unanswered = new Map<string, Unanswered>();

/** The key for what this print describes. */
export function keyFor(print: string): string {
  const before = unanswered.get(print);
  return before !== undefined && Date.now() - before.at < REMEMBERED_MS ? before.key : newKey();
}

/** Nobody knows whether it was done. */
export function noteUnanswered(print: string, key: string): void {
  unanswered.delete(print);
  unanswered.set(print, { key, at: Date.now() });
  for (const oldest of [...unanswered.keys()].slice(0, -MOST)) unanswered.delete(oldest);
}

/** There was an answer: the next one is another. */
export function noteAnswered(print: string): void {
  unanswered.delete(print);
}

// Not `randomUUID`, which browsers have over HTTPS alone.
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
}
