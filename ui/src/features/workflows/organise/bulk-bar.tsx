import { Button, CloseButton, Group, Menu, Paper, Text } from "@mantine/core";
import { IconArchive, IconChevronDown, IconFolderSymlink, IconTag } from "@tabler/icons-react";
import { useState } from "react";
import type { BulkChange, WorkflowLine } from "../api";
import styles from "../workflows.module.css";
import { BulkDialog } from "./bulk-dialog";
import { useChangeMany } from "./use-change-many";

interface Props {
  lines: readonly WorkflowLine[];
  onClear: () => void;
}

const SIMPLE: readonly { action: BulkChange["action"]; label: string }[] = [
  { action: "publish", label: "Publish" },
  { action: "unpublish", label: "Unpublish" },
  { action: "enable", label: "Switch on" },
  { action: "disable", label: "Switch off" },
  { action: "restore", label: "Take out of the archive" },
];

/** What can be done with all that is selected. */
export function BulkBar({ lines, onClear }: Props) {
  const changeMany = useChangeMany();
  const [dialog, setDialog] = useState<"tag" | "move" | "archive" | null>(null);
  const change = (wanted: BulkChange) => {
    changeMany(lines, wanted);
    setDialog(null);
    onClear();
  };
  return (
    <>
      <Paper className={styles.bulk} role="region" aria-label="Selected workflows" withBorder shadow="md">
        <CloseButton onClick={onClear} aria-label="Select nothing" />
        <Text fw={600} size="sm" aria-live="polite">
          {lines.length} selected
        </Text>
        <Group gap="xs">
          <Menu withinPortal position="top-start">
            <Menu.Target>
              <Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />}>
                Change
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {SIMPLE.map(({ action, label }) => (
                <Menu.Item key={action} onClick={() => change({ action })}>
                  {label}
                </Menu.Item>
              ))}
            </Menu.Dropdown>
          </Menu>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconTag size={14} />}
            onClick={() => setDialog("tag")}
          >
            Tag…
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFolderSymlink size={14} />}
            onClick={() => setDialog("move")}
          >
            Move…
          </Button>
          <Button
            size="xs"
            variant="light"
            color="red"
            leftSection={<IconArchive size={14} />}
            onClick={() => setDialog("archive")}
          >
            Archive…
          </Button>
        </Group>
      </Paper>
      {dialog && <BulkDialog kind={dialog} lines={lines} onDo={change} onClose={() => setDialog(null)} />}
    </>
  );
}
