/** What a step got and gave, its error and its log: the same wherever a step is looked into. */
import { Tabs } from "@mantine/core";
import { type ReactNode, useState } from "react";
import styles from "./inspection.module.css";
import type { Excerpt } from "./parts";
import { StepError } from "./step-error";
import { StepLog } from "./step-log";
import { type ReadOn, ValueView } from "./value-view";

interface Value {
  readonly excerpt: Excerpt;
  readonly readOn: ReadOn | null;
  readonly actions?: ReactNode;
}

interface Props {
  /** Another one for each step that is looked at: values are drawn anew, the tab stays. */
  at: string | number;
  error: Record<string, unknown> | null;
  output: Value;
  input: Value | null;
  /** Null where it said nothing. */
  log: unknown;
  compare?: ReactNode;
  /** The address of the page of an execution that an error names. */
  link?: ((executionId: string) => string) | undefined;
  /** Whether something else is being read. */
  busy?: boolean;
}

export function StepTabs({ at, error, output, input, log, compare, link, busy = false }: Props) {
  const [chosen, setChosen] = useState<string | null>(null);
  const there = { error: error !== null, output: true, input: input !== null, log: log !== null };
  const open: Record<string, boolean> = { ...there, compare: compare !== undefined };
  const usual = error ? "error" : "output";
  const tab = chosen !== null && open[chosen] ? chosen : usual;
  return (
    <Tabs
      value={tab}
      onChange={setChosen}
      keepMounted={false}
      className={styles.body}
      aria-busy={busy}
      data-busy={busy || undefined}
    >
      <Tabs.List px={8} className={styles.tabs}>
        {error && <Tabs.Tab value="error">Error</Tabs.Tab>}
        <Tabs.Tab value="output">Output</Tabs.Tab>
        {input && <Tabs.Tab value="input">Input</Tabs.Tab>}
        {there.log && <Tabs.Tab value="log">Log</Tabs.Tab>}
        {compare && <Tabs.Tab value="compare">Compare</Tabs.Tab>}
      </Tabs.List>
      {error && (
        <Tabs.Panel value="error" className={styles.log}>
          <StepError error={error} link={link} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="output" className={styles.body}>
        <ValueView key={at} label="Output" {...output} />
      </Tabs.Panel>
      {input && (
        <Tabs.Panel value="input" className={styles.body}>
          <ValueView key={at} label="Input" {...input} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="log" className={styles.log}>
        <StepLog lines={log} />
      </Tabs.Panel>
      <Tabs.Panel value="compare" className={styles.body}>
        {compare}
      </Tabs.Panel>
    </Tabs>
  );
}
