/** The latest steps of the run, the last one on top; a click shows the step on the canvas. */
import { Text, UnstyledButton } from "@mantine/core";
import { useStore } from "zustand";
import type { StepEvent, StepEventName } from "@/shared/live/events";
import type { LiveExecution } from "@/shared/live/fold";
import { formatClock, formatDuration } from "@/shared/time/format";
import styles from "./running.module.css";
import type { RunStore } from "./store";
import { nameOf } from "./words";

const OUTCOMES: Readonly<Record<StepEventName, string>> = {
  step_started: "begun",
  step_completed: "completed",
  step_failed: "failed",
  step_retrying: "tried again soon",
  step_waiting: "waits",
  loop_started: "loop begun",
};

export function StepLog({ store, live }: { store: RunStore; live: LiveExecution }) {
  const host = useStore(store, (state) => state.host);
  const steps = [...live.latest].reverse();
  return (
    <section className={styles.panel} aria-label="Latest steps">
      {steps.length === 0 && (
        <Text size="sm" c="dimmed" p="sm">
          No step has ended yet.
        </Text>
      )}
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={step.sequence}>
            <UnstyledButton className={styles.step} onClick={() => host?.show(step.node)}>
              <Line step={step} name={nameOf(host, step.node)} />
            </UnstyledButton>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Line({ step, name }: { step: StepEvent; name: string }) {
  return (
    <>
      <span className={styles.when}>{formatClock(new Date(step.timestamp))}</span>
      <span className={styles.name}>
        {name}
        {step.scope && <span className={styles.scope}>{step.scope}</span>}
      </span>
      <span className={styles.outcome} data-outcome={step.event}>
        {OUTCOMES[step.event]}
        {step.port && step.port !== "out" ? ` → ${step.port}` : ""}
        {step.error ? `: ${step.error.message}` : ""}
      </span>
      <span className={styles.took}>
        {step.duration_ms === null ? "" : formatDuration(step.duration_ms / 1000)}
      </span>
    </>
  );
}
