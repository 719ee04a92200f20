import { Button, Group, Modal, Text } from "@mantine/core";
import { useLeaving } from "../use-leaving";
import type { Saving } from "../use-save";

/** Before somebody leaves with what is not saved. */
export function LeaveDialog({ saving }: { saving: Saving }) {
  const leaving = useLeaving();
  const saveAndLeave = async () => {
    if (await saving.save()) leaving.proceed?.();
  };
  return (
    <Modal
      opened={leaving.status === "blocked"}
      onClose={() => leaving.reset?.()}
      title="Leave without saving?"
    >
      <Text size="sm">
        Your changes are not saved. If you leave, they are kept in this browser, and back when you open the
        workflow again; nobody else sees them.
      </Text>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={() => leaving.reset?.()}>
          Stay
        </Button>
        <Button variant="default" onClick={() => leaving.proceed?.()}>
          Leave
        </Button>
        <Button loading={saving.busy} onClick={() => void saveAndLeave()} data-autofocus>
          Save and leave
        </Button>
      </Group>
    </Modal>
  );
}
