/** Says that the workflow, or the right to change it, was taken away while it was open. What is drawn can be kept. */
import { Button, Group, Text } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import type { MyWorkflow } from "@/shared/api/workflow";
import { downloadDefinition } from "@/shared/drafts/download";
import { useEditor, useEditorStore } from "../store";
import styles from "./notice.module.css";

interface Props {
  current: MyWorkflow;
  lost: Error | null;
}

export function LostNotice({ current, lost }: Props) {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const mayEdit = current.status !== "archived" && current.my_permissions.includes("edit");
  if (lost === null && (readOnly || mayEdit)) return null;
  return (
    <Group className={styles.notice} role="alert" gap="sm">
      <IconLock size={18} aria-hidden="true" />
      <Text size="sm" flex={1}>
        {lost
          ? "This workflow is gone, or you may not see it any more. What you see is how it was, with what you changed."
          : wordsOf(current)}
      </Text>
      <Button size="compact-sm" onClick={() => downloadDefinition(store.getState().history.present)}>
        Download what is drawn
      </Button>
    </Group>
  );
}

function wordsOf({ status }: MyWorkflow): string {
  return status === "archived"
    ? "This workflow is in the archive now: what you change here cannot be saved until it is taken out again."
    : "You may not change this workflow any more: what you change here cannot be saved.";
}
