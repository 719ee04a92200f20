/** What the canvas shows of the run, or of the test run. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useStore } from "zustand";
import type { RunStates } from "@/graph/run-state";
import { runStatesOf } from "@/shared/live/run-states";
import { useLiveExecution } from "@/shared/live/use-live-execution";
import { failureQuery } from "./api";
import { withFailure } from "./failure";
import { statesOfRehearsal } from "./rehearsed";
import type { RunStore } from "./store";

const NOTHING: RunStates = new Map();

export function useRunStates(store: RunStore): RunStates {
  const executionId = useStore(store, (state) => state.executionId);
  const rehearsal = useStore(store, (state) => state.rehearsal);
  const whole = useStore(store, (state) => state.extent.kind === "all");
  const nodes = useStore(store, (state) => state.host?.workflow.nodes);
  const live = useLiveExecution(executionId);
  const failed = live?.status === "failed" ? executionId : null;
  const failure = useQuery({ ...failureQuery(failed ?? ""), enabled: failed !== null }).data;
  const states = useMemo(() => {
    const all = whole ? (nodes ?? []).map((node) => node.id) : [];
    if (rehearsal !== null) return statesOfRehearsal(rehearsal, all);
    return live === null ? NOTHING : runStatesOf(live, all);
  }, [rehearsal, live, nodes, whole]);
  return useMemo(() => withFailure(states, failure), [states, failure]);
}
