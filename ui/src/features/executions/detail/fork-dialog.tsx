/** Beginning anew from a step, with other data: the execution as it is stays as it is. */
import { Alert, Button, Group, JsonInput, Modal, SegmentedControl, Stack, Switch, Text } from "@mantine/core";
import { useState } from "react";
import { ApiError } from "@/shared/api/errors";
import { useFork } from "../api";

interface Props {
  executionId: string;
  node: string;
  name: string;
  scope: string;
  /** What the step got, as far as it is known. */
  input: unknown;
  output: unknown;
  onClose: () => void;
  onForked: (executionId: string) => void;
}

type What = "input" | "output" | "same";

const CHOICES = [
  { value: "input", label: "With another input" },
  { value: "output", label: "With an output of mine" },
  { value: "same", label: "As it was" },
];

export function ForkDialog({ executionId, node, name, scope, input, output, onClose, onForked }: Props) {
  const [what, setWhat] = useState<What>("input");
  const [texts, setTexts] = useState({ input: written(input), output: written(output) });
  const [latest, setLatest] = useState(false);
  const fork = useFork(executionId);
  const given = what === "same" ? null : read(texts[what]);

  function begin(): void {
    fork.mutate(
      {
        node_id: node,
        ...(scope && { scope }),
        ...(what !== "same" && given && { [what]: given.value }),
        revision: latest ? "latest" : "same",
      },
      { onSuccess: (started) => onForked(started.execution_id) },
    );
  }

  return (
    <Modal opened onClose={onClose} title={`Fork from “${name}”`} size="lg">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          A new execution keeps all that does not follow from this step{scope && ` in ${scope}`}, and goes on
          from here. This one is not changed.
        </Text>
        <SegmentedControl
          data={CHOICES}
          value={what}
          onChange={(chosen) => setWhat(chosen as What)}
          aria-label="With which data"
        />
        {what !== "same" && (
          <JsonInput
            label={what === "input" ? "Its input" : "Its output; the step itself does not run"}
            value={texts[what]}
            onChange={(text) => setTexts({ ...texts, [what]: text })}
            autosize
            minRows={8}
            maxRows={22}
            error={given === null ? "This is no JSON" : undefined}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 13 } }}
          />
        )}
        <Switch
          label="Go on with the latest version of the workflow"
          checked={latest}
          onChange={(event) => setLatest(event.currentTarget.checked)}
        />
        {fork.error && (
          <Alert color="red" role="alert" title="Could not fork">
            {fork.error.message} {fork.error instanceof ApiError && fork.error.remedy}
          </Alert>
        )}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button onClick={begin} loading={fork.isPending} disabled={what !== "same" && given === null}>
            Fork
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}

function written(value: unknown): string {
  return JSON.stringify(value ?? null, null, 2);
}

function read(text: string): { value: unknown } | null {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return null;
  }
}
