import { Badge, Tooltip } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleOff,
  IconLogin2,
  IconPlugX,
} from "@tabler/icons-react";
import type { Connection, ConnectionKind } from "./api";

/** How a connection does, in one word with a picture: what stands in the way comes first. */
export function ConnectionState({
  connection,
  kind,
}: {
  connection: Connection;
  kind?: ConnectionKind | undefined;
}) {
  const look = lookOf(connection, kind);
  if (!look) return null;
  return (
    <Tooltip label={look.why} multiline maw={320}>
      <Badge
        variant="light"
        color={look.color}
        tt="none"
        leftSection={<look.icon size={13} aria-hidden="true" />}
        tabIndex={0}
      >
        {look.label}
      </Badge>
    </Tooltip>
  );
}

function lookOf(connection: Connection, kind: ConnectionKind | undefined) {
  const test = connection.last_test;
  if (!connection.enabled) {
    return { color: "gray", label: "Switched off", icon: IconCircleOff, why: "No node may use it." };
  }
  if (kind?.signs_in && !connection.authorized) {
    return { color: "yellow", label: "Sign in needed", icon: IconLogin2, why: "Nobody has signed in yet." };
  }
  if (connection.breaker.state === "open") {
    const why = `${connection.breaker.failures} failures in a row: nothing is sent for a while.`;
    return { color: "red", label: "Not answering", icon: IconPlugX, why };
  }
  if (test && !test.ok) {
    return {
      color: "red",
      label: "Test failed",
      icon: IconAlertTriangle,
      why: `${test.message} ${test.remedy}`,
    };
  }
  if (test) return { color: "teal", label: "Works", icon: IconCircleCheck, why: test.message };
  return null;
}
