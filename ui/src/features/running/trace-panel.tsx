/** What each step would do, as a test run says it: input, output, and what it logged. */
import { Accordion, Text } from "@mantine/core";
import { useStore } from "zustand";
import { formatDuration } from "@/shared/time/format";
import type { Rehearsal } from "./api";
import styles from "./running.module.css";
import type { RunStore } from "./store";
import { nameOf } from "./words";

type Traced = Rehearsal["trace"][number];

const MOST_SHOWN = 200;
const LONGEST_SHOWN = 20_000;

export function TracePanel({ store, rehearsal }: { store: RunStore; rehearsal: Rehearsal }) {
  const host = useStore(store, (state) => state.host);
  const shown = rehearsal.trace.slice(0, MOST_SHOWN);
  return (
    <section className={styles.panel} aria-label="Steps of the test">
      <Accordion chevronPosition="left" variant="filled" classNames={{ label: styles.traced }}>
        {shown.map((step) => (
          <Accordion.Item
            key={`${step.node_id} ${step.scope} ${step.attempt}`}
            value={`${step.node_id} ${step.scope} ${step.attempt}`}
          >
            <Accordion.Control onClick={() => host?.show(step.node_id)}>
              <TracedLine step={step} name={nameOf(host, step.node_id)} />
            </Accordion.Control>
            <Accordion.Panel>
              <Values step={step} />
            </Accordion.Panel>
          </Accordion.Item>
        ))}
      </Accordion>
      {rehearsal.trace.length > MOST_SHOWN && (
        <Text size="sm" c="dimmed" p="sm">
          {rehearsal.trace.length - MOST_SHOWN} more steps are not shown.
        </Text>
      )}
    </section>
  );
}

function TracedLine({ step, name }: { step: Traced; name: string }) {
  const failed = step.status === "failed";
  return (
    <span className={styles.line}>
      <span className={styles.name}>
        {name}
        {step.scope && <span className={styles.scope}>{step.scope}</span>}
      </span>
      <span className={styles.outcome} data-outcome={failed ? "step_failed" : "step_completed"}>
        {failed ? `failed: ${String(step.error?.message ?? "")}` : outcomeOf(step)}
      </span>
      <span className={styles.took}>{formatDuration(step.seconds)}</span>
    </span>
  );
}

function outcomeOf(step: Traced): string {
  const ports = step.ports.filter((port) => port !== "out");
  return ports.length > 0 ? `${step.status} → ${ports.join(", ")}` : step.status;
}

function Values({ step }: { step: Traced }) {
  return (
    <div className={styles.values}>
      <Value label="Input" value={step.input} />
      <Value label="Output" value={step.error ?? step.output} />
      {step.log.length > 0 && <Value label="Log" value={step.log} />}
    </div>
  );
}

function Value({ label, value }: { label: string; value: unknown }) {
  const text = JSON.stringify(value, null, 2) ?? "null";
  const cut = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}\n…` : text;
  return (
    <figure className={styles.value}>
      <figcaption>{label}</figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard. */}
      <pre tabIndex={0}>{cut}</pre>
    </figure>
  );
}
