import { Group, SimpleGrid, Text, UnstyledButton } from "@mantine/core";
import type { ConnectionKind } from "./api";
import styles from "./connections.module.css";
import { KindIcon } from "./kind-icon";

interface Props {
  kinds: readonly ConnectionKind[];
  onChoose: (kind: ConnectionKind) => void;
}

/** The kinds that there are, to choose one. */
export function KindChoice({ kinds, onChoose }: Props) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
      {kinds.map((kind) => (
        <UnstyledButton key={kind.kind} className={styles.kind} onClick={() => onChoose(kind)}>
          <Group wrap="nowrap" align="flex-start" gap="sm">
            <KindIcon icon={kind.icon} />
            <div>
              <Text fw={600} size="sm">
                {kind.title}
              </Text>
              <Text size="xs" c="dimmed">
                {kind.help.replaceAll("`", "")}
              </Text>
            </div>
          </Group>
        </UnstyledButton>
      ))}
    </SimpleGrid>
  );
}
