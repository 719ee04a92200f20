/** Other systems whose operations are steps: which there are, and a further one out of an OpenAPI document. */
import { Button, Divider, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/shared/api/errors";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyDone } from "@/shared/ui/notify";
import { type Connector, connectorsQuery, useRemove } from "./api";
import { ImportForm } from "./import-form";

interface Props {
  onClose: () => void;
}

export function ConnectorsDialog({ onClose }: Props) {
  const found = useQuery(connectorsQuery);
  return (
    <Modal opened onClose={onClose} title="APIs as steps" size="lg">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          Each operation of another system's API becomes a step of its own, with its parameters as a form.
        </Text>
        {found.error && (
          <ErrorState error={found.error} doing="list the APIs" retry={() => found.refetch()} />
        )}
        {(found.data ?? []).map((connector) => (
          <Line key={connector.connector_id} connector={connector} />
        ))}
        <Divider label="A further one" labelPosition="left" />
        <ImportForm />
      </Stack>
    </Modal>
  );
}

function Line({ connector }: { connector: Connector }) {
  const remove = useRemove();
  const [sure, setSure] = useState(false);
  const used = remove.error instanceof ApiError && remove.error.status === 409;
  const confirm = () =>
    remove.mutate(
      { connector, force: used },
      { onSuccess: () => notifyDone(`“${connector.name}” is deleted.`) },
    );
  return (
    <div>
      <Group justify="space-between" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text fw={600} size="sm">
            {connector.name}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {[connector.slug, connector.source_url].filter(Boolean).join(" · ")}
          </Text>
        </div>
        <Button
          size="xs"
          variant={sure ? "filled" : "subtle"}
          color="red"
          loading={remove.isPending}
          onClick={() => (sure ? confirm() : setSure(true))}
        >
          {used ? "Delete it all the same" : sure ? "Yes, delete its steps" : "Delete"}
        </Button>
      </Group>
      {remove.error && <ErrorState error={remove.error} doing="delete it" />}
    </div>
  );
}
