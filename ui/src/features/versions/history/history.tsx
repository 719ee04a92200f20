import { Badge, Button, Group, Text, UnstyledButton } from "@mantine/core";
import { formatTime } from "@/shared/time/format";
import { TimeAgo } from "@/shared/ui/time-ago";
import type { Version } from "../api";
import styles from "../versions.module.css";
import { EditMessage } from "./message";

interface Props {
  versions: readonly Version[];
  selected: number;
  onSelect: (revision: number) => void;
  mayEdit: boolean;
  /** Reads older ones; null if there are none. */
  onMore: (() => void) | null;
}

/** All versions, the newest first: who made them, and why. */
export function History({ versions, selected, onSelect, mayEdit, onMore }: Props) {
  return (
    <nav className={styles.history} aria-label="Versions">
      <ol className={styles.lines}>
        {versions.map((version) => (
          <li key={version.revision}>
            <Line
              version={version}
              selected={version.revision === selected}
              onSelect={() => onSelect(version.revision)}
            />
            {mayEdit && version.revision === selected && <EditMessage version={version} />}
          </li>
        ))}
      </ol>
      {onMore && (
        <Button variant="subtle" size="xs" fullWidth onClick={onMore}>
          Show older ones
        </Button>
      )}
    </nav>
  );
}

function Line({
  version,
  selected,
  onSelect,
}: {
  version: Version;
  selected: boolean;
  onSelect: () => void;
}) {
  const published = version.published_at
    ? `It ran since ${formatTime(new Date(version.published_at))}`
    : undefined;
  return (
    <UnstyledButton
      className={styles.line}
      data-selected={selected || undefined}
      aria-current={selected || undefined}
      onClick={onSelect}
    >
      <Group gap={6}>
        <Text size="sm" fw={600}>
          Version {version.revision}
        </Text>
        {version.published && (
          <Badge size="xs" color="teal" variant="light" tt="none">
            Runs
          </Badge>
        )}
        {version.current && (
          <Badge size="xs" variant="outline" tt="none">
            Being edited
          </Badge>
        )}
        {!version.published && published && (
          <Badge size="xs" color="gray" variant="light" tt="none" title={published}>
            Ran before
          </Badge>
        )}
      </Group>
      {version.message && (
        <Text size="sm" lineClamp={2}>
          {version.message}
        </Text>
      )}
      <Text size="xs" c="dimmed" component="div">
        {version.saved_by_name || "somebody"} · <TimeAgo time={version.created_at} />
      </Text>
    </UnstyledButton>
  );
}
