import { Badge, Text, Tooltip } from "@mantine/core";
import type { MyWorkflow } from "@/shared/api/workflow";
import { isDirty, useEditor } from "../store";
import styles from "./header.module.css";

interface Props {
  current: MyWorkflow;
  busy: boolean;
}

const LOOKS = {
  draft: { color: "gray", label: "Draft", tip: "Never published: nothing runs by itself yet." },
  archived: { color: "gray", label: "Archived", tip: "Out of use; it can only be looked at." },
} as const;

/** Whether what is seen is what runs, and whether it is saved. */
export function SavedState({ current, busy }: Props) {
  const dirty = useEditor(isDirty);
  const readOnly = useEditor((state) => state.readOnly);
  const look = current.status === "published" ? published(current) : LOOKS[current.status];
  return (
    <>
      <Tooltip label={look.tip}>
        <Badge variant="light" color={look.color} tt="none" fw={600} className={styles.badge}>
          {look.label}
        </Badge>
      </Tooltip>
      <Text size="xs" c="dimmed" className={styles.saved} role="status">
        {readOnly ? "Read only" : saidOf(busy, dirty)}
      </Text>
    </>
  );
}

function published({ revision, published_revision, enabled }: MyWorkflow) {
  if (!enabled) {
    return {
      color: "gray",
      label: "Switched off",
      tip: "Published, but switched off: no trigger starts it.",
    };
  }
  if (revision === published_revision) {
    return { color: "teal", label: "Published", tip: `Version ${revision} runs, as it is here.` };
  }
  const tip = `Version ${published_revision} runs. Publish to have version ${revision} run instead.`;
  return { color: "yellow", label: "Changed since published", tip };
}

function saidOf(busy: boolean, dirty: boolean): string {
  if (busy) return "Saving…";
  return dirty ? "Not saved" : "Saved";
}
