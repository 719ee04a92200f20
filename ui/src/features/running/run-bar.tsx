/** The bar below the canvas: what runs a workflow, and what becomes of it. */
import { useHotkeys } from "@mantine/hooks";
import { useState } from "react";
import { useStore } from "zustand";
import { isOver } from "@/shared/live/fold";
import { LinkBadge } from "@/shared/live/link-state";
import { useLiveExecution } from "@/shared/live/use-live-execution";
import { useLiveLists } from "@/shared/live/use-live-lists";
import { EARLIER } from "./api";
import { LivePart } from "./live-part";
import styles from "./running.module.css";
import { StartPart } from "./start-part";
import { StepLog } from "./step-log";
import type { RunStore } from "./store";
import { TestPart } from "./test-part";
import { TracePanel } from "./trace-panel";

interface Props {
  store: RunStore;
  /** The address of the page of an execution. */
  executionLink: (executionId: string) => string;
}

export function RunBar({ store, executionLink }: Props) {
  const executionId = useStore(store, (state) => state.executionId);
  const rehearsal = useStore(store, (state) => state.rehearsal);
  const live = useLiveExecution(executionId);
  // The connection is there before the first run, which so is seen from its first step on.
  useLiveLists(EARLIER, store.getState().workflowId);
  const [opened, setOpened] = useState(false);
  const active = executionId !== null && !isOver(live?.status ?? null) && live?.refusal == null;
  // Also while somebody writes in a field.
  useHotkeys([["mod+Enter", () => !active && void store.getState().start({ kind: "all" })]], [], true);
  return (
    <section className={styles.place} aria-label="Running" data-part>
      {opened && live && <StepLog store={store} live={live} />}
      {opened && rehearsal && <TracePanel store={store} rehearsal={rehearsal} />}
      <div className={styles.bar}>
        {!active && <StartPart store={store} again={executionId !== null || rehearsal !== null} />}
        {executionId !== null && (
          <LivePart
            store={store}
            live={live}
            link={executionLink(executionId)}
            opened={opened}
            onToggle={() => setOpened(!opened)}
          />
        )}
        {rehearsal !== null && (
          <TestPart store={store} rehearsal={rehearsal} opened={opened} onToggle={() => setOpened(!opened)} />
        )}
        <LinkBadge />
      </div>
    </section>
  );
}
