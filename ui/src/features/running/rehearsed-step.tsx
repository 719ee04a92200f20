/** What a node would do, as the test run says it: the same view as that of a real run. */
import { Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useStore } from "zustand";
import type { Json } from "@/graph/workflow";
import styles from "@/shared/inspection/inspection.module.css";
import { IterationPicker } from "@/shared/inspection/iteration-picker";
import { wholeOf } from "@/shared/inspection/parts";
import { PinButton } from "@/shared/inspection/pin-button";
import { StepOutcome } from "@/shared/inspection/step-outcome";
import { StepTabs } from "@/shared/inspection/step-tabs";
import { turnToOpen } from "@/shared/inspection/turns";
import type { RunStore } from "./store";

interface Props {
  store: RunStore;
  nodeId: string;
  onPin: ((output: Json) => void) | null;
}

export function RehearsedStep({ store, nodeId, onPin }: Props) {
  const rehearsal = useStore(store, (state) => state.rehearsal);
  const [turn, setTurn] = useState<string | null>(null);
  const turns = (rehearsal?.trace ?? [])
    .filter((step) => step.node_id === nodeId)
    .map((step) => ({ ...step, scope: step.attempt > 1 ? `${step.scope} (${step.attempt}.)` : step.scope }));
  const current = turns.find((step) => step.scope === turn) ?? turnToOpen(turns);
  if (!current)
    return (
      <Text size="sm" c="dimmed" p="md">
        The test did not come here.
      </Text>
    );
  const { status, seconds, ports, error, log } = current;
  const output = wholeOf(current.output);
  return (
    <div className={styles.inspector}>
      <Stack gap={8} className={styles.head}>
        <Group justify="space-between" wrap="nowrap">
          <StepOutcome status={status} seconds={seconds} ports={ports} />
          <Text size="xs" c="dimmed">
            Test: nothing was really done
          </Text>
        </Group>
        <IterationPicker iterations={turns} more={false} current={current} onChoose={setTurn} />
      </Stack>
      <StepTabs
        at={current.scope}
        error={error}
        output={{
          excerpt: output,
          readOn: null,
          actions: onPin && error === null && <PinButton excerpt={output} onPin={onPin} />,
        }}
        input={{ excerpt: wholeOf(current.input), readOn: null }}
        log={log.length > 0 ? log : null}
      />
    </div>
  );
}
