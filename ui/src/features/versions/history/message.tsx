/** What has changed with a version: said, or said in other words, by whoever may edit the workflow. */
import { Button, Group, Popover, Stack, Textarea } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { notifyError } from "@/shared/ui/notify";
import { useDescribe, type Version } from "../api";

export function EditMessage({ version }: { version: Version }) {
  const [opened, setOpened] = useState(false);
  return (
    <Popover opened={opened} onChange={setOpened} width={320} position="bottom-start" trapFocus withArrow>
      <Popover.Target>
        <Button
          size="compact-xs"
          variant="subtle"
          leftSection={<IconPencil size={13} aria-hidden="true" />}
          onClick={() => setOpened(!opened)}
        >
          {version.message ? "Change the message" : "Say what changed"}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        {opened && <Form version={version} onDone={() => setOpened(false)} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Form({ version, onDone }: { version: Version; onDone: () => void }) {
  const [message, setMessage] = useState(version.message);
  const describe = useDescribe(version.workflow_id);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        describe.mutate(
          { revision: version.revision, message: message.trim() },
          { onSuccess: onDone, onError: (error) => notifyError("keep the message", error) },
        );
      }}
    >
      <Stack gap="xs">
        <Textarea
          label="What changed?"
          autosize
          minRows={2}
          maxRows={8}
          maxLength={1000}
          value={message}
          onChange={(event) => setMessage(event.currentTarget.value)}
          data-autofocus
        />
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={onDone}>
            Cancel
          </Button>
          <Button size="xs" type="submit" loading={describe.isPending}>
            Keep
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
