/** Asks again for what has changed on the server: seldom, and never in the middle of an answer that is on its way. */
import type { QueryClient, QueryKey } from "@tanstack/react-query";

export interface Refresher {
  /** Something has changed. */
  changed(): void;
  stop(): void;
}

/**
 * What these keys begin with is asked for again after a pause. On a slow network an answer takes longer than that: to ask
 * anew each time would end what is being read, and nothing would ever come.
 */
export function createRefresher(
  queries: QueryClient,
  keys: () => readonly QueryKey[],
  pause: number,
): Refresher {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const ask = () => {
    timer = undefined;
    const wanted = keys();
    if (wanted.some((queryKey) => queries.isFetching({ queryKey }) > 0)) changed();
    else for (const queryKey of wanted) void queries.invalidateQueries({ queryKey });
  };
  const changed = () => {
    timer ??= setTimeout(ask, pause);
  };
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
  };
  return { changed, stop };
}
