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

const lists = new Map<string, { listeners: Map<number, () => void>; leave: () => void }>();

/** Several lists on one page share a room. */
function enterList(workflowId: string | undefined, changed: () => void): () => void {
  const name = workflowId === undefined ? "executions" : `workflow:${workflowId}`;
  const number = ++numbers;
  const list = lists.get(name) ?? beginList(name, workflowId);
  list.listeners.set(number, changed);
  return () => {
    list.listeners.delete(number);
    if (list.listeners.size > 0) return;
    lists.delete(name);
    list.leave();
  };
}

function beginList(name: string, workflowId: string | undefined) {
  const listeners = new Map<number, () => void>();
  const tell = () => {
    for (const changed of listeners.values()) changed();
  };
  let first = true;
  const leave = enter({
    name,
    after: () => 0,
    // What happened while the connection was lost was not heard.
    joined: () => {
      if (!first) tell();
      first = false;
    },
    heard: (event, body) => {
      if (event !== "executions") return;
      const ids = body.workflow_ids as readonly string[];
      if (workflowId === undefined || ids.includes(workflowId)) tell();
    },
  });
  const list = { listeners, leave };
  lists.set(name, list);
  return list;
}
