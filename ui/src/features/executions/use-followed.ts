/** Keeps what is shown of an execution up to date while it goes on. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { createRefresher } from "@/shared/api/refresher";
import type { LiveExecution } from "@/shared/live/fold";
import { useLiveExecution } from "@/shared/live/use-live-execution";
import { keyOf } from "./api";

const PAUSE_MS = 800;

/** Asks again for what is shown of an execution as it goes on, at most once a second; gives what is heard of it. */
export function useFollowed(executionId: string, goesOn: boolean): LiveExecution | null {
  const live = useLiveExecution(goesOn ? executionId : null);
  const queries = useQueryClient();
  const at = live && `${live.status} ${live.sequence} ${live.refusal?.code}`;
  const refresher = useMemo(
    () => createRefresher(queries, () => [keyOf(executionId)], PAUSE_MS),
    [queries, executionId],
  );
  useEffect(() => refresher.stop, [refresher]);
  useEffect(() => {
    if (at !== null) refresher.changed();
  }, [at, refresher]);
  return live;
}
