/**
 * Tabs of one browser, told apart. Each keeps drafts of its own; what was left behind by one that is gone can be taken up by
 * whichever asks first. A tab is there for as long as it holds its lock; browsers let go of it however a tab ends.
 */

/** This page, until it is loaded again. Not `randomUUID`, which browsers have over HTTPS alone. */
export const THIS_TAB = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) =>
  part.toString(36),
).join("-");

export type Standing = "gone" | "there" | "unknown";

const BEFORE = "wingbeat:tab";
/** The page before a reload may still be on its way out. A tab that was duplicated stays, and is waited for in vain. */
const RELOAD_MS = 3_000;
const nameOf = (tab: string) => `wingbeat:tab:${tab}`;

let before: string | null | undefined;

/** Says that this tab is there. Gives what this tab was before it was loaded again, if it is no new one. */
export function beThere(): string | null {
  if (before !== undefined) return before;
  before = exchange();
  // Never let go of, until the page ends.
  void locks()
    ?.request(nameOf(THIS_TAB), () => new Promise(() => {}))
    .catch(() => undefined);
  return before;
}

/**
 * Does something with what a tab has left, if it is gone; no other does it at the same moment. Where browsers have no
 * locks, which is so without HTTPS, nobody knows: then it is asked who is at the page.
 */
export async function ifGone(tab: string, take: () => void): Promise<Standing> {
  const manager = locks();
  const isReload = tab === beThere();
  if (manager === undefined) {
    if (isReload) take();
    return isReload ? "gone" : "unknown";
  }
  const patience = isReload ? { signal: AbortSignal.timeout(RELOAD_MS) } : { ifAvailable: true };
  try {
    return await manager.request(nameOf(tab), patience, (lock) => {
      if (lock === null) return "there";
      take();
      return "gone";
    });
  } catch {
    return "there";
  }
}

function locks(): LockManager | undefined {
  return globalThis.navigator?.locks;
}

function exchange(): string | null {
  try {
    const last = sessionStorage.getItem(BEFORE);
    sessionStorage.setItem(BEFORE, THIS_TAB);
    return last;
  } catch {
    return null;
  }
}
