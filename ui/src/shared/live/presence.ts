/** Who else has the workflow open that this page is about; and what is done here, for them to see. */
import { useEffect, useMemo } from "react";
import { createStore, useStore } from "zustand";
import { link, say } from "./connection";
import { enterPresence, type Tab } from "./use-live-lists";

interface Doing {
  /** Whether something was changed that is not saved. */
  readonly editing: boolean;
  readonly node: string | null;
}

/** Somebody, in however many tabs. */
export interface Person {
  readonly key: string;
  readonly name: string;
  /** It is another tab of whoever looks at this one. */
  readonly you: boolean;
  readonly editing: boolean;
  readonly nodes: readonly string[];
}

const LOOKING: Doing = { editing: false, node: null };
/** Arrow keys that go through a drawing are not told one by one. */
const PAUSE_MS = 600;
const TAB = Array.from(crypto.getRandomValues(new Uint32Array(3)), (part) => part.toString(36)).join("-");
const NOBODY: readonly Tab[] = [];

const doing = createStore<Doing>(() => LOOKING);
const tabs = createStore<{ readonly here: readonly Tab[] }>(() => ({ here: NOBODY }));

/** What is done on this page from now on. */
export function tellDoing(now: Doing): void {
  const { editing, node } = doing.getState();
  if (editing !== now.editing || node !== now.node) doing.setState(now, true);
}

/** Is seen by others who have the workflow open, for as long as the page is there. */
export function useBeingPresent(workflowId: string): void {
  useEffect(() => {
    const room = `workflow:${workflowId}`;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      say("present", { room, tab: TAB, ...doing.getState() });
    };
    const leave = enterPresence(workflowId, { entered: tell, present: (here) => tabs.setState({ here }) });
    const forget = doing.subscribe(() => {
      timer ??= setTimeout(tell, PAUSE_MS);
    });
    return () => {
      clearTimeout(timer);
      forget();
      say("present", { room, tab: TAB, gone: true });
      leave();
      tabs.setState({ here: NOBODY });
    };
  }, [workflowId]);
}

/** Who else is here; nobody while that is not known. */
export function usePeople(): readonly Person[] {
  const here = useStore(tabs, (state) => state.here);
  const isHeard = useStore(link, ({ state }) => state === "connected");
  return useMemo(() => (isHeard ? peopleOf(here) : []), [here, isHeard]);
}

/** By the step that they are at. */
export function usePeopleByNode(): ReadonlyMap<string, readonly Person[]> {
  const people = usePeople();
  return useMemo(() => byNode(people), [people]);
}

export function peopleOf(here: readonly Tab[]): readonly Person[] {
  const found = new Map<string, Person>();
  for (const { user_id, name, you, editing, node } of here) {
    const key = String(user_id);
    const known = found.get(key);
    const nodes = [...(known?.nodes ?? []), ...(node === null ? [] : [node])];
    found.set(key, { key, name, you, editing: editing || (known?.editing ?? false), nodes });
  }
  return [...found.values()];
}

function byNode(people: readonly Person[]): ReadonlyMap<string, readonly Person[]> {
  const found = new Map<string, Person[]>();
  for (const person of people)
    for (const node of new Set(person.nodes)) found.set(node, [...(found.get(node) ?? []), person]);
  return found;
}
