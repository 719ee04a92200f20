/** The times that a step ran, one for each iteration of its loop, and which of them failed. Pure. */

export interface Turn {
  readonly scope: string;
  readonly status: string;
}

const FAILED = "failed";

/** The one to begin with: the first that failed, else the last. */
export function turnToOpen<One extends Turn>(turns: readonly One[]): One | undefined {
  return turns.find(({ status }) => status === FAILED) ?? turns.at(-1);
}

/** How many failed, and the next of them after a place, from the beginning again after the last; null where it is the only one. */
export function failedAfter<One extends Turn>(
  turns: readonly One[],
  place: number,
): { count: number; next: One | null } {
  const failed = turns.flatMap((turn, at) => (turn.status === FAILED ? [{ turn, at }] : []));
  const next = failed.find(({ at }) => at > place) ?? failed[0];
  return { count: failed.length, next: next === undefined || next.at === place ? null : next.turn };
}
