import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyDone } from "@/shared/ui/notify";
import { type Connection, type ConnectionKind, useRotate } from "./api";
import { enteredSecrets, secretFields } from "./draft";
import { SecretInputs } from "./secret-inputs";

interface Props {
  connection: Connection;
  kind: ConnectionKind;
  onClose: () => void;
}

/** Puts new secrets in the place of all that a connection has. */
export function RotateDialog({ connection, kind, onClose }: Props) {
  const [values, setValues] = useState<Record<string, string>>({});
  const rotate = useRotate();
  const secrets = enteredSecrets(values);
  const fields = secretFields(kind);
  const lacks = fields.some((field) => field.required && !secrets[field.name]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    rotate.mutate(
      { connection, secrets },
      {
        onSuccess: () => {
          notifyDone(`“${connection.name}” has new secrets. The old ones are gone.`);
          onClose();
        },
      },
    );
  }

  return (
    <Modal opened onClose={onClose} title={`New secrets for “${connection.name}”`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            Whatever runs from now on uses the new ones. The old ones cannot be brought back.
          </Text>
          <SecretInputs fields={fields} values={values} onChange={setValues} />
          {rotate.error && <ErrorState error={rotate.error} doing="replace the secrets" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={rotate.isPending} disabled={lacks}>
              Replace secrets
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
