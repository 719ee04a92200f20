/** Executions that are watched on this page: one store for each, shared by whoever watches it. */
import { createStore, type StoreApi } from "zustand";
import { enter } from "./connection";
import type { ExecutionEvent } from "./events";
import { fold, joined, type LiveExecution, unheard } from "./fold";

interface Watched {
  readonly store: StoreApi<LiveExecution>;
  watchers: number;
  leave(): void;
}

const watched = new Map<string, Watched>();

/** The store of an execution; it is filled while somebody has called `watch` for it. */
export function watch(executionId: string): { store: StoreApi<LiveExecution>; stop: () => void } {
  const found = watched.get(executionId) ?? begin(executionId);
  found.watchers += 1;
  let stopped = false;
  const stop = () => {
    if (stopped) return;
    stopped = true;
    found.watchers -= 1;
    if (found.watchers > 0) return;
    watched.delete(executionId);
    found.leave();
  };
  return { store: found.store, stop };
}

function begin(executionId: string): Watched {
  const store = createStore<LiveExecution>(() => unheard(executionId));
  const leave = enter({
    name: `execution:${executionId}`,
    after: () => store.getState().sequence,
    joined: (answer) => store.setState((live) => joined(live, answer), true),
    heard: (event, body) => {
      if (body.execution_id !== executionId) return;
      store.setState((live) => fold(live, { ...body, event } as unknown as ExecutionEvent), true);
    },
  });
  const made: Watched = { store, watchers: 0, leave };
  watched.set(executionId, made);
  return made;
}
