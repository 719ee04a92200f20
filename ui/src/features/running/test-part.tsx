/** What a test run came to. */
import { ActionIcon, Badge, Group, Text, Tooltip } from "@mantine/core";
import { IconFlask, IconListDetails, IconX } from "@tabler/icons-react";
import type { Rehearsal } from "./api";
import styles from "./running.module.css";
import type { RunStore } from "./store";

interface Props {
  store: RunStore;
  rehearsal: Rehearsal;
  opened: boolean;
  onToggle: () => void;
}

export function TestPart({ store, rehearsal, opened, onToggle }: Props) {
  const failed = rehearsal.status === "failed";
  const words = failed ? String(rehearsal.error?.message ?? "It failed.") : "Nothing outside was changed.";
  return (
    <Group gap={8} wrap="nowrap" className={styles.live}>
      <div role="status" className={styles.status}>
        <Badge
          variant="light"
          color={failed ? "red" : "teal"}
          tt="none"
          fw={600}
          leftSection={<IconFlask size={13} aria-hidden="true" />}
        >
          {failed ? "Test failed" : "Test completed"}
        </Badge>
        <Tooltip label={words} multiline maw={420}>
          <Text size="sm" className={styles.words}>
            {words}
          </Text>
        </Tooltip>
      </div>
      <Group gap={2} wrap="nowrap" className={styles.end}>
        <Tooltip label={opened ? "Hide the steps" : "Show what each step would do"}>
          <ActionIcon size={34} aria-label="Steps of this test" aria-expanded={opened} onClick={onToggle}>
            <IconListDetails size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Take the test off the canvas">
          <ActionIcon size={34} aria-label="Take the test off the canvas" onClick={store.getState().clear}>
            <IconX size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}
