import { Alert, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { Address } from "../address";

interface Props {
  name: string;
  url: string;
  secret: string;
  onClose: () => void;
}

/** The secret of a webhook, which nobody can read again. */
export function SecretDialog({ name, url, secret, onClose }: Props) {
  return (
    <Modal opened onClose={onClose} title={`The secret of ${name}`} size="lg" closeOnClickOutside={false}>
      <Stack gap="md">
        <Alert color="yellow" icon={<IconKey aria-hidden="true" />} title="It is shown this once">
          Give it to the sender now, who signs deliveries with it. If it is lost, make a new one.
        </Alert>
        <div>
          <Text size="sm" fw={560} mb={4}>
            Secret
          </Text>
          <Address url={secret} what="the secret" />
        </div>
        <div>
          <Text size="sm" fw={560} mb={4}>
            Address
          </Text>
          <Address url={url} what="the address" />
        </div>
        <Group justify="flex-end">
          <Button onClick={onClose}>I have it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
