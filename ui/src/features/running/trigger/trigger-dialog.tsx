/** With which data the workflow is run: written by hand, or taken from an example or from an earlier run. */
import { Button, Group, Modal, Select, Text } from "@mantine/core";
import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { CodeEditor } from "@/shared/code/code-editor";
import type { TriggerData } from "../kept";
import styles from "../running.module.css";
import type { RunStore } from "../store";
import { parsed } from "../store";
import { TriggerSources } from "./trigger-sources";
import { triggersOf } from "./triggers";

interface Props {
  store: RunStore;
  opened: boolean;
  onClose: () => void;
}

export function TriggerDialog({ store, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} size="xl" title="Data that the trigger hands over">
      {opened && <Form store={store} onClose={onClose} />}
    </Modal>
  );
}

function Form({ store, onClose }: Omit<Props, "opened">) {
  const host = useStore(store, (state) => state.host);
  const [draft, setDraft] = useState<TriggerData>(store.getState().data);
  const triggers = useMemo(() => (host ? triggersOf(host.workflow, host.nodeTypes) : []), [host]);
  const chosen = triggers.find((one) => one.id === draft.trigger) ?? triggers[0];
  const fault = faultOf(draft.text);
  const take = (andRun: boolean) => {
    store.getState().setData({ ...draft, trigger: chosen?.id ?? null });
    onClose();
    if (andRun) void store.getState().start({ kind: "all" });
  };
  return (
    <>
      <div className={styles.sources}>
        <div>
          {triggers.length > 1 && (
            <Select
              label="Trigger"
              mb="sm"
              allowDeselect={false}
              data={triggers.map(({ id, name }) => ({ value: id, label: name }))}
              value={chosen?.id ?? null}
              onChange={(trigger) => setDraft({ ...draft, trigger })}
            />
          )}
          <CodeEditor
            language="json"
            label="Data as JSON"
            value={draft.text}
            onChange={(text) => setDraft({ ...draft, text })}
            invalid={fault !== null}
            minHeight={260}
            maxHeight={400}
            lineNumbers
          />
          <Text size="sm" c="var(--mantine-color-error)" mih={22} mt={4} role="status">
            {fault}
          </Text>
        </div>
        <TriggerSources store={store} examples={chosen?.examples ?? []} onTake={setDraft} />
      </div>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={() => take(false)} disabled={fault !== null}>
          Keep for later runs
        </Button>
        <Button onClick={() => take(true)} disabled={fault !== null || !host?.mayRun}>
          Run with it
        </Button>
      </Group>
    </>
  );
}

function faultOf(text: string): string | null {
  try {
    parsed(text);
    return null;
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : ""}`;
  }
}
