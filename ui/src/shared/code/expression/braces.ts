/** Closing braces that stand there already are walked over as they are typed, and not doubled. Pure. */
interface Stepped {
  /** Characters behind the cursor that go. */
  readonly drop: number;
  /** How many of those that are left the cursor goes over. */
  readonly over: number;
}

/** What typing `}` or a space means between these texts of a template; null where it is just written. */
export function steppedOver(before: string, after: string, typed: string): Stepped | null {
  if (typed === " ") return before.endsWith("{{ ") && after.startsWith(" }}") ? { drop: 0, over: 0 } : null;
  if (typed !== "}") return null;
  const open = before.lastIndexOf("{{");
  const inside = before.slice(open + 2);
  if (open === -1) return null;
  const opened = inside.split("{").length - inside.split("}").length;
  if (after.startsWith("}") && opened === -1) return { drop: 0, over: 1 };
  if (opened !== 0) return null;
  if (after.startsWith("}}")) return { drop: 0, over: 1 };
  if (!after.startsWith(" }}")) return null;
  return before.endsWith(" ") ? { drop: 1, over: 1 } : { drop: 0, over: 2 };
}

/**
 * Whoever types `{{` where they stand already means those: how many characters behind the cursor go with the brace
 * before it; null where a second brace means something else.
 */
export function openedTwice(before: string, after: string): number | null {
  if (!/\{\{\s*\{$/.test(before) || !/^\}?\s*\}\}/.test(after)) return null;
  return /^\}\s*\}\}/.test(after) ? 1 : 0;
}
