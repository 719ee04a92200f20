/** An execution as it runs. */
import { useEffect, useState } from "react";
import { watch } from "./executions";
import type { LiveExecution } from "./fold";

/** What is known of the execution, from its beginning; null without an id, and until it is watched. */
export function useLiveExecution(executionId: string | null): LiveExecution | null {
  const [live, setLive] = useState<LiveExecution | null>(null);
  useEffect(() => {
    if (executionId === null) return;
    const { store, stop } = watch(executionId);
    setLive(store.getState());
    const forget = store.subscribe(setLive);
    return () => {
      forget();
      stop();
    };
  }, [executionId]);
  return live?.executionId === executionId ? live : null;
}
