/** How a step ended, after how long, and by which port. */
import { Badge, Group, Text } from "@mantine/core";
import { Duration } from "../ui/duration";

const LOOKS: Record<string, { color: string; label: string }> = {
  completed: { color: "teal", label: "Completed" },
  failed: { color: "red", label: "Failed" },
  waiting: { color: "grape", label: "Waiting" },
  opened: { color: "blue", label: "Going round" },
  started: { color: "blue", label: "Running" },
};

interface Props {
  status: string;
  seconds: number;
  ports: readonly string[];
}

export function StepOutcome({ status, seconds, ports }: Props) {
  const look = LOOKS[status] ?? { color: "gray", label: status };
  return (
    <Group gap={8} wrap="nowrap">
      <Badge variant="light" color={look.color} tt="none" style={{ flexShrink: 0 }}>
        {look.label}
      </Badge>
      <Text size="xs" c="dimmed" style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>
        <Duration seconds={seconds} />
        {ports.length > 0 && ` → ${ports.join(", ")}`}
      </Text>
    </Group>
  );
}
