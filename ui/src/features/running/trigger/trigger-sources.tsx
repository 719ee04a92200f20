/** Where data may be taken from: examples of the trigger, what was used before, and earlier runs. */
import { Loader, Text, UnstyledButton } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Json } from "@/graph/workflow";
import { notifyError } from "@/shared/ui/notify";
import { STATUS_LOOKS } from "@/shared/ui/status-badge";
import { TimeAgo } from "@/shared/ui/time-ago";
import { earlierQuery, readTriggerDataOf } from "../api";
import { readTriggerData, type TriggerData } from "../kept";
import styles from "../running.module.css";
import type { RunStore } from "../store";

interface Props {
  store: RunStore;
  examples: readonly { readonly title: string; readonly data: Json }[];
  onTake: (data: TriggerData) => void;
}

const MOST_EXAMPLES = 5;

export function TriggerSources({ store, examples, onTake }: Props) {
  const { workflowId, data } = store.getState();
  const before = readTriggerData(workflowId);
  const take = (trigger: string | null, value: Json) =>
    onTake({ trigger, text: JSON.stringify(value, null, 2) });
  return (
    <div className={styles.sourceList}>
      {examples.length > 0 && (
        <Source title="Examples of the trigger">
          {examples.slice(0, MOST_EXAMPLES).map((example) => (
            <UnstyledButton
              key={example.title}
              className={styles.source}
              onClick={() => take(data.trigger, example.data)}
            >
              {example.title}
            </UnstyledButton>
          ))}
        </Source>
      )}
      {before.length > 0 && (
        <Source title="Used before">
          {before.map((one) => (
            <UnstyledButton key={one.text} className={styles.source} onClick={() => onTake(one)}>
              <code>{one.text.replace(/\s+/g, " ").slice(0, 60) || "(nothing)"}</code>
            </UnstyledButton>
          ))}
        </Source>
      )}
      <Source title="Earlier runs">
        <Earlier workflowId={workflowId} onTake={take} />
      </Source>
    </div>
  );
}

function Source({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <Text size="xs" fw={600} c="dimmed" mt="xs" mb={2} px={8}>
        {title}
      </Text>
      {children}
    </section>
  );
}

interface EarlierProps {
  workflowId: string;
  onTake: (trigger: string, data: Json) => void;
}

function Earlier({ workflowId, onTake }: EarlierProps) {
  const { data, isPending } = useQuery(earlierQuery(workflowId));
  const reading = useMutation({
    mutationFn: readTriggerDataOf,
    onSuccess: ({ trigger, data: value }) => onTake(trigger, value),
    onError: (error) => notifyError("read the data of that run", error),
  });
  if (isPending) return <Loader size="sm" m="xs" role="status" aria-label="Earlier runs are being read" />;
  if (!data?.length) {
    return (
      <Text size="sm" c="dimmed" px={8}>
        There is none yet.
      </Text>
    );
  }
  return data.map((run) => (
    <UnstyledButton
      key={run.execution_id}
      className={styles.source}
      disabled={reading.isPending}
      onClick={() => reading.mutate(run.execution_id)}
    >
      {STATUS_LOOKS[run.status].label}, <TimeAgo time={run.start_time} />
    </UnstyledButton>
  ));
}
