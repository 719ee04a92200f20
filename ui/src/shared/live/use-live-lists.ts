/** Lists of executions that stay as they are: asked again when something in them changed, at most once a second. */
import { type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { createRefresher } from "../api/refresher";
import { enter } from "./connection";

const PAUSE_MS = 1_000;
let numbers = 0;

/** Asks again for what these keys begin with, when an execution of the workflow, or any, began, rested or ended. */
export function useLiveLists(keys: readonly QueryKey[], workflowId?: string): void {
  const queries = useQueryClient();
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const { changed, stop } = createRefresher(queries, () => latest.current, PAUSE_MS);
    const leave = enterList(workflowId, { ...DEAF, changed });
    return () => {
      stop();
      leave();
    };
  }, [queries, workflowId]);
}

/** What somebody did with a workflow: `action` is how the audit log calls it. */
export interface Edit {
  readonly action: string;
  readonly revision: number;
  readonly published_revision: number | null;
  readonly by: string;
}

/** Hears who changes a workflow; null where something may have been missed, or nothing is heard any more. */
export function useEdits(workflowId: string, heard: (edit: Edit | null) => void): void {
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(
    () =>
      enterList(workflowId, {
        ...DEAF,
        edited: (edit) => latest.current(edit),
        lost: () => latest.current(null),
      }),
    [workflowId],
  );
}

/** Hears who has a workflow open, and when the room is entered: the first time, and whenever the connection is back. */
export function enterPresence(
  workflowId: string,
  ears: { entered: () => void; present: (people: readonly Tab[]) => void },
): () => void {
  return enterList(workflowId, { ...DEAF, ...ears });
}

/** A tab in which somebody else, or `you`, has the workflow open; `node` is the step that is being edited there. */
export interface Tab {
  readonly user_id: number;
  readonly name: string;
  readonly tab: string;
  readonly you: boolean;
  readonly editing: boolean;
  readonly node: string | null;
}

interface Ears {
  readonly changed: () => void;
  readonly edited: (edit: Edit | null) => void;
  readonly entered: () => void;
  readonly present: (people: readonly Tab[]) => void;
  /** Nothing more is heard: it is gone, or may not be seen any more. */
  readonly lost: () => void;
}

interface List {
  readonly listeners: Map<number, Ears>;
  leave: () => void;
  /** Whether the room was entered before, and who was there when it was last said. */
  isEntered: boolean;
  /** Nothing is heard just now, and whoever listens knows that. */
  isRefused: boolean;
  people: readonly Tab[];
}

const DEAF: Ears = {
  changed: () => {},
  edited: () => {},
  entered: () => {},
  present: () => {},
  lost: () => {},
};
const lists = new Map<string, List>();

/** Several lists on one page share a room. */
function enterList(workflowId: string | undefined, ears: Ears): () => void {
  const name = workflowId === undefined ? "executions" : `workflow:${workflowId}`;
  const number = ++numbers;
  const list = lists.get(name) ?? beginList(name, workflowId);
  list.listeners.set(number, ears);
  if (list.isEntered && !list.isRefused) {
    ears.entered();
    ears.present(list.people);
  }
  return () => {
    list.listeners.delete(number);
    if (list.listeners.size > 0) return;
    lists.delete(name);
    list.leave();
  };
}

function beginList(name: string, workflowId: string | undefined): List {
  const listeners = new Map<number, Ears>();
  const each = (tell: (ears: Ears) => void) => {
    for (const ears of listeners.values()) tell(ears);
  };
  const list: List = { listeners, leave: () => {}, isEntered: false, isRefused: false, people: [] };
  const meet = (people: readonly Tab[]) => {
    list.people = people;
    each((ears) => ears.present(people));
  };
  lists.set(name, list);
  list.leave = enter({
    name,
    after: () => 0,
    joined: ({ ok }) => {
      if (!ok && list.isRefused) return;
      list.isRefused = !ok;
      // What happened while the connection was lost was not heard.
      if (list.isEntered) each(({ changed }) => changed());
      if (list.isEntered) each(({ edited }) => edited(null));
      list.isEntered = true;
      meet([]);
      each(({ entered, lost }) => (ok ? entered() : lost()));
    },
    heard: (event, body) => {
      if (event === "executions") {
        const ids = body.workflow_ids as readonly string[];
        if (workflowId === undefined || ids.includes(workflowId)) each(({ changed }) => changed());
      }
      if (body.workflow_id !== workflowId) return;
      if (event === "edited") each(({ edited }) => edited(body as unknown as Edit));
      if (event === "present") meet(body.people as readonly Tab[]);
      if (event !== "left" || workflowId === undefined) return;
      list.isRefused = true;
      meet([]);
      each(({ lost }) => lost());
    },
  });
  return list;
}
