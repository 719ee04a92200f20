/** In which iteration of its loop a step is looked at. */
import { ActionIcon, Group, Select, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";

/** One of the times that a step ran: in which iteration, and how that ended. */
interface Turn {
  readonly scope: string;
  readonly status: string;
}

interface Props<One extends Turn> {
  iterations: readonly One[];
  /** More than are listed. */
  more: boolean;
  current: One;
  onChoose: (scope: string) => void;
}

const SIGNS: Record<string, string> = {
  completed: "✓",
  failed: "✗",
  waiting: "…",
  opened: "…",
  started: "…",
};

export function IterationPicker<One extends Turn>({ iterations, more, current, onChoose }: Props<One>) {
  if (iterations.length < 2) return null;
  const place = iterations.indexOf(current);
  const step = (by: number) => {
    const next = iterations[place + by];
    if (next) onChoose(next.scope);
  };
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon
        variant="subtle"
        onClick={() => step(-1)}
        disabled={place <= 0}
        aria-label="Iteration before"
      >
        <IconChevronLeft size={16} />
      </ActionIcon>
      <Select
        size="xs"
        aria-label="Iteration"
        data={iterations.map((one) => ({
          value: one.scope,
          label: `${SIGNS[one.status] ?? "·"} ${one.scope}`,
        }))}
        value={current.scope}
        onChange={(scope) => scope !== null && onChoose(scope)}
        searchable
        limit={200}
        style={{ flex: 1 }}
      />
      <ActionIcon
        variant="subtle"
        onClick={() => step(1)}
        disabled={place >= iterations.length - 1}
        aria-label="Iteration after"
      >
        <IconChevronRight size={16} />
      </ActionIcon>
      <Text size="xs" c="dimmed" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
        {place + 1} of {iterations.length}
        {more && "+"}
      </Text>
    </Group>
  );
}
