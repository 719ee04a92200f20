import { Stack, Text, UnstyledButton } from "@mantine/core";
import { IconCircleMinus, IconCirclePlus, IconPencil } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { ValueChange, WorkflowDifference } from "@/graph/diff";
import type { WorkflowNode } from "@/graph/workflow";
import styles from "../versions.module.css";
import { shown, wordsOf } from "./words";

interface Props {
  difference: WorkflowDifference;
  selected: string | null;
  onSelect: (node: string) => void;
}

const LOOKS = {
  added: { icon: IconCirclePlus, word: "Added", color: "var(--mantine-color-teal-text)" },
  removed: { icon: IconCircleMinus, word: "Removed", color: "var(--mantine-color-red-text)" },
  changed: { icon: IconPencil, word: "Changed", color: "var(--mantine-color-orange-text)" },
} as const;

/** All that differs, one below the other; choosing a node shows it in the drawing. */
export function Changes({ difference, selected, onSelect }: Props) {
  const { nodes, values } = difference;
  const item = (node: WorkflowNode, kind: keyof typeof LOOKS, changes: readonly ValueChange[] = []) => (
    <Item
      key={node.id}
      node={node}
      kind={kind}
      selected={node.id === selected}
      onSelect={() => onSelect(node.id)}
    >
      <Values changes={changes} />
    </Item>
  );
  return (
    <Stack gap="sm">
      {values.length > 0 && (
        <div className={styles.change}>
          <Text size="sm" fw={600} mb={4}>
            The workflow itself
          </Text>
          <Values changes={values} />
        </div>
      )}
      {nodes.changed.map(({ after, values: changes }) => item(after, "changed", changes))}
      {nodes.added.map((node) => item(node, "added"))}
      {nodes.removed.map((node) => item(node, "removed"))}
    </Stack>
  );
}

interface ItemProps {
  node: WorkflowNode;
  kind: keyof typeof LOOKS;
  selected: boolean;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ node, kind, selected, onSelect, children }: ItemProps) {
  const look = LOOKS[kind];
  return (
    <div className={styles.change} data-selected={selected || undefined}>
      <UnstyledButton className={styles.node} onClick={onSelect} aria-pressed={selected}>
        <look.icon size={16} color={look.color} aria-hidden="true" />
        <Text size="sm" fw={600} span>
          {node.name || node.id}
        </Text>
        <Text size="xs" c="dimmed" span>
          {look.word}
        </Text>
      </UnstyledButton>
      {children}
    </div>
  );
}

export function Values({ changes }: { changes: readonly ValueChange[] }) {
  if (changes.length === 0) return null;
  return (
    <dl className={styles.values}>
      {changes.map(({ path, before, after }) => (
        <div key={path.join("/")}>
          <dt>{wordsOf(path)}</dt>
          <dd>
            {before !== undefined && <del className={styles.before}>{shown(before) || "(empty)"}</del>}
            {after !== undefined && <ins className={styles.after}>{shown(after) || "(empty)"}</ins>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
