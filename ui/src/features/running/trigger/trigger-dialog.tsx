/** With which data the workflow is run: written by hand, or taken from an example or from an earlier run. */
import { Button, Group, Modal, SegmentedControl, Select, Text } from "@mantine/core";
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
  const [takesPin, setTakesPin] = useState(store.getState().takesPin);
  const triggers = useMemo(() => (host ? triggersOf(host.workflow, host.nodeTypes) : []), [host]);
  const chosen = triggers.find((one) => one.id === draft.trigger) ?? triggers[0];
  const pinned = host?.mayEdit && chosen?.pinned !== undefined;
  const fromPin = pinned && takesPin;
  const fault = fromPin ? null : faultOf(draft.text);
  const write = (data: TriggerData) => {
    setDraft(data);
    setTakesPin(false);
  };
  const take = (andRun: boolean) => {
    if (fromPin) store.getState().setTakesPin(true);
    else store.getState().setData({ ...draft, trigger: chosen?.id ?? null });
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
          {pinned && (
            <SegmentedControl
              fullWidth
              mb="sm"
              aria-label="What runs begin with"
              value={fromPin ? "pin" : "own"}
              onChange={(value) => setTakesPin(value === "pin")}
              data={[
                { value: "own", label: "Data for my runs" },
                { value: "pin", label: `What is pinned at “${chosen.name}”` },
              ]}
            />
          )}
          <CodeEditor
            key={fromPin ? "pin" : "own"}
            language="json"
            label={fromPin ? "Pinned data" : "Data as JSON"}
            readOnly={fromPin === true}
            value={fromPin ? JSON.stringify(chosen.pinned, null, 2) : draft.text}
            onChange={(text) => write({ ...draft, text })}
            invalid={fault !== null}
            minHeight={260}
            maxHeight={400}
            lineNumbers
          />
          <Text size="sm" c="var(--mantine-color-error)" mih={22} mt={4} role="status">
            {fault}
          </Text>
        </div>
        <TriggerSources store={store} examples={chosen?.examples ?? []} onTake={write} />
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
