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
    const leave = enterList(workflowId, changed);
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

/** Hears who changes a workflow; null where something may have been missed. */
export function useEdits(workflowId: string, heard: (edit: Edit | null) => void): void {
  const latest = useRef(heard);
  latest.current = heard;
  useEffect(
    () =>
      enterList(
        workflowId,
        () => {},
        (edit) => latest.current(edit),
      ),
    [workflowId],
  );
}

interface Ears {
  readonly changed: () => void;
  readonly edited: (edit: Edit | null) => void;
}

const lists = new Map<string, { listeners: Map<number, Ears>; leave: () => void }>();

/** Several lists on one page share a room. */
function enterList(
  workflowId: string | undefined,
  changed: Ears["changed"],
  edited: Ears["edited"] = () => {},
): () => void {
  const name = workflowId === undefined ? "executions" : `workflow:${workflowId}`;
  const number = ++numbers;
  const list = lists.get(name) ?? beginList(name, workflowId);
  list.listeners.set(number, { changed, edited });
  return () => {
    list.listeners.delete(number);
    if (list.listeners.size > 0) return;
    lists.delete(name);
    list.leave();
  };
}

function beginList(name: string, workflowId: string | undefined) {
  const listeners = new Map<number, Ears>();
  const tell = () => {
    for (const { changed } of listeners.values()) changed();
  };
  const tellEdit = (edit: Edit | null) => {
    for (const { edited } of listeners.values()) edited(edit);
  };
  let first = true;
  const leave = enter({
    name,
    after: () => 0,
    // What happened while the connection was lost was not heard.
    joined: () => {
      if (!first) {
        tell();
        tellEdit(null);
      }
      first = false;
    },
    heard: (event, body) => {
      if (event === "edited" && body.workflow_id === workflowId) tellEdit(body as unknown as Edit);
      if (event !== "executions") return;
      const ids = body.workflow_ids as readonly string[];
      if (workflowId === undefined || ids.includes(workflowId)) tell();
    },
  });
  const list = { listeners, leave };
  lists.set(name, list);
  return list;
}
