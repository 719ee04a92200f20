import { Button, Group, Select, Stack, Text, Title } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useState } from "react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { useGiveAway } from "./api";

interface Props {
  workflowId: string;
  people: ReadonlyMap<number, string>;
}

/** Makes somebody else the workflow's author. */
export function GiveAway({ workflowId, people }: Props) {
  const [userId, setUserId] = useState<string | null>(null);
  const give = useGiveAway(workflowId);
  const name = people.get(Number(userId)) ?? "";

  function ask(): void {
    modals.openConfirmModal({
      title: `Give the workflow to ${name}?`,
      children: (
        <Text size="sm">
          {name} may do everything with it then. Whoever is its author now keeps what is granted above, and
          what the community gives.
        </Text>
      ),
      labels: { confirm: "Give it away", cancel: "Keep it" },
      onConfirm: () =>
        give.mutate(Number(userId), {
          onSuccess: () => {
            setUserId(null);
            notifyDone(`The workflow is ${name}'s now.`);
          },
          onError: (error) => notifyError("give the workflow away", error),
        }),
    });
  }

  return (
    <Stack gap={6} mt="lg" component="section">
      <Title order={3} size="h5">
        Another author
      </Title>
      <Text size="sm" c="dimmed">
        Who leaves, or changes places, gives a workflow to somebody else.
      </Text>
      <Group gap="sm">
        <Select
          aria-label="Give it to"
          placeholder="Give it to somebody"
          searchable
          w={320}
          data={[...people].map(([id, label]) => ({ value: String(id), label }))}
          value={userId}
          onChange={setUserId}
          nothingFoundMessage="Nobody whom you know here"
        />
        <Button variant="default" onClick={ask} disabled={userId === null} loading={give.isPending}>
          Give away
        </Button>
      </Group>
    </Stack>
  );
}
