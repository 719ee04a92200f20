import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { ApiError } from "@/shared/api/errors";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyDone } from "@/shared/ui/notify";
import { type Connection, useDeleteConnection } from "./api";

interface Props {
  connection: Connection;
  onClose: () => void;
}

/** Asks before a connection is deleted; where something uses it, asks once more. */
export function DeleteDialog({ connection, onClose }: Props) {
  const remove = useDeleteConnection();
  const used = remove.error instanceof ApiError && remove.error.status === 409;

  function confirm(): void {
    remove.mutate(
      { connection, force: used },
      {
        onSuccess: () => {
          notifyDone(`“${connection.name}” is deleted.`);
          onClose();
        },
      },
    );
  }

  return (
    <Modal opened onClose={onClose} title={`Delete “${connection.name}”?`}>
      <Stack gap="md">
        <Text size="sm">Its secrets are deleted with it. Workflows that name it fail where they use it.</Text>
        {remove.error && <ErrorState error={remove.error} doing="delete the connection" />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button color="red" onClick={confirm} loading={remove.isPending}>
            {used ? "Delete it all the same" : "Delete"}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
