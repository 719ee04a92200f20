/** The lines of a timeline: each loop's steps below it, which can be folded away. */
import { type Bar, stepKey } from "./timeline";

export interface TimelineRow {
  readonly bar: Bar;
  /** How many steps its iterations took, those of loops within it included; 0 for what is no loop. */
  readonly inside: number;
  readonly iterations: number;
  readonly open: boolean;
}

/** Of a loop with more steps than this, only the loop is shown until somebody asks for them. */
export const SHOWN_AT_ONCE = 20;

/** In the order of their beginnings, but below the loop that they are in. `chosen` says what somebody opened or closed. */
export function rowsOf(bars: readonly Bar[], chosen: ReadonlyMap<string, boolean>): TimelineRow[] {
  const known = new Set(bars.map((bar) => bar.key));
  const within = new Map<string, Bar[]>();
  const outermost: Bar[] = [];
  for (const bar of bars) {
    const loop = loopOf(bar.scope);
    if (loop === null || !known.has(loop)) outermost.push(bar);
    else {
      const there = within.get(loop);
      if (there) there.push(bar);
      else within.set(loop, [bar]);
    }
  }
  const sizes = new Map<string, number>();
  const sizeOf = (key: string): number => {
    const counted = sizes.get(key);
    if (counted !== undefined) return counted;
    const children = within.get(key) ?? [];
    const size = children.reduce((sum, child) => sum + 1 + sizeOf(child.key), 0);
    sizes.set(key, size);
    return size;
  };
  const rows: TimelineRow[] = [];
  const add = (bar: Bar): void => {
    const children = within.get(bar.key) ?? [];
    const inside = sizeOf(bar.key);
    const open = chosen.get(bar.key) ?? inside <= SHOWN_AT_ONCE;
    rows.push({ bar, inside, iterations: new Set(children.map((child) => child.scope)).size, open });
    if (open) for (const child of children) add(child);
  };
  for (const bar of outermost) add(bar);
  return rows;
}

/** The key of the loop of which a scope is an iteration: of `a:3/b:0`, that of `b` in `a:3`. */
function loopOf(scope: string): string | null {
  if (scope === "") return null;
  const cut = scope.lastIndexOf("/");
  const own = scope.slice(cut + 1);
  return stepKey(own.slice(0, own.lastIndexOf(":")), cut < 0 ? "" : scope.slice(0, cut));
}

/** The loops around a step, so that it can be shown: their keys. */
export function loopsAround(scope: string): string[] {
  const keys: string[] = [];
  for (let rest = scope; rest !== ""; rest = rest.slice(0, Math.max(rest.lastIndexOf("/"), 0))) {
    const key = loopOf(rest);
    if (key) keys.push(key);
  }
  return keys;
}
