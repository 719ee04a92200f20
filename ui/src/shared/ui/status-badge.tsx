import { Badge } from "@mantine/core";
import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconHourglassEmpty,
  IconLoader2,
  IconPlayerPause,
} from "@tabler/icons-react";
import type { components } from "../api/schema";

export type ExecutionStatus = components["schemas"]["ExecutionHeaderShape"]["status"];

/** Colour, icon and word of each status: never colour alone. */
export const STATUS_LOOKS = {
  pending: { color: "gray", label: "Queued", icon: IconClock },
  running: { color: "blue", label: "Running", icon: IconLoader2 },
  waiting: { color: "grape", label: "Waiting", icon: IconHourglassEmpty },
  paused: { color: "yellow", label: "Paused", icon: IconPlayerPause },
  completed: { color: "teal", label: "Completed", icon: IconCircleCheck },
  failed: { color: "red", label: "Failed", icon: IconCircleX },
  cancelled: { color: "gray", label: "Cancelled", icon: IconBan },
} as const satisfies Record<ExecutionStatus, unknown>;

interface Props {
  status: ExecutionStatus;
  size?: "sm" | "md" | "lg";
}

/** The status of an execution. */
export function StatusBadge({ status, size = "md" }: Props) {
  const look = STATUS_LOOKS[status];
  return (
    <Badge
      variant="light"
      color={look.color}
      size={size}
      leftSection={<look.icon size={13} stroke={2.2} aria-hidden="true" />}
      tt="none"
      fw={600}
    >
      {look.label}
    </Badge>
  );
}
