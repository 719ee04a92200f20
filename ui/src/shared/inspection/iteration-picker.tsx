/** In which iteration of its loop a step is looked at. */
import { ActionIcon, Button, Group, Select, Text, Tooltip } from "@mantine/core";
import { IconAlertTriangle, IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { failedAfter, type Turn } from "./turns";

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
  const failed = failedAfter(iterations, place);
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
      {failed.count > 0 && (
        <Tooltip label={failed.next ? "To the next one that failed" : "No other one failed"}>
          <Button
            size="compact-xs"
            variant="light"
            color="red"
            leftSection={<IconAlertTriangle size={13} aria-hidden="true" />}
            onClick={() => failed.next && onChoose(failed.next.scope)}
            aria-disabled={failed.next === null || undefined}
            data-disabled={failed.next === null || undefined}
            aria-label={`Next failed iteration, of ${failed.count}${more ? " or more" : ""}`}
            style={{ flexShrink: 0 }}
          >
            {failed.count}
            {more && "+"} failed
          </Button>
        </Tooltip>
      )}
      <Text size="xs" c="dimmed" style={{ fontVariantNumeric: "tabular-nums", whiteSpace: "nowrap" }}>
        {place + 1} of {iterations.length}
        {more && "+"}
      </Text>
    </Group>
  );
}
