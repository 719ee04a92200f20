import { Anchor, Button, Card, Group, Stack, Text, ThemeIcon } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBell,
  IconCircleCheck,
  IconCircleX,
  IconInfoCircle,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { notifyError } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { type Notification, notificationsQuery, useMarkRead } from "./api";

const LEVELS = {
  info: { color: "blue", icon: IconInfoCircle, label: "Information" },
  success: { color: "teal", icon: IconCircleCheck, label: "Success" },
  warning: { color: "yellow", icon: IconAlertTriangle, label: "Warning" },
  error: { color: "red", icon: IconCircleX, label: "Error" },
} as const;

/** What workflows told this person, the newest first. */
export function Notifications() {
  const markRead = useMarkRead();
  const mark = (id: string | "all") =>
    markRead.mutate(id, { onError: (error) => notifyError("mark it as read", error) });
  return (
    <Loaded query={useQuery(notificationsQuery)} doing="load the notifications">
      {({ data }) =>
        data.length === 0 ? (
          <EmptyState icon={IconBell} title="No notifications">
            What workflows tell you appears here.
          </EmptyState>
        ) : (
          <Stack gap="xs">
            {data.some((one) => one.read_at === null) && (
              <Group justify="flex-end">
                <Button variant="subtle" size="compact-sm" onClick={() => mark("all")}>
                  Mark all as read
                </Button>
              </Group>
            )}
            {data.map((one) => (
              <Line key={one.notification_id} notification={one} onRead={() => mark(one.notification_id)} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function Line({ notification, onRead }: { notification: Notification; onRead: () => void }) {
  const level = LEVELS[notification.level];
  const unread = notification.read_at === null;
  return (
    <Card withBorder component="article" aria-label={notification.title} padding="sm">
      <Group wrap="nowrap" align="flex-start">
        <ThemeIcon variant="light" color={level.color} aria-label={level.label} role="img">
          <level.icon size={17} />
        </ThemeIcon>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Text fw={unread ? 650 : 450}>{notification.title}</Text>
          {notification.text && (
            <Text size="sm" c="dimmed" style={{ whiteSpace: "pre-line", overflowWrap: "anywhere" }}>
              {notification.text}
            </Text>
          )}
          {isWebAddress(notification.link) && (
            <Anchor size="sm" href={notification.link} target="_blank" rel="noopener noreferrer">
              Open
            </Anchor>
          )}
        </div>
        <Text size="sm" c="dimmed" style={{ flexShrink: 0 }}>
          <TimeAgo time={notification.created_at} />
        </Text>
        {unread && (
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={onRead}
            aria-label={`Mark “${notification.title}” as read`}
          >
            Read
          </Button>
        )}
      </Group>
    </Card>
  );
}

function isWebAddress(link: string): boolean {
  return /^https?:\/\//i.test(link);
}
