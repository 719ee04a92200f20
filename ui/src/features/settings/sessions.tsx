import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { IconDeviceDesktop } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/shared/ui/loaded";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { describeAgent } from "./agent";
import { type Session, sessionList, useEndOtherSessions, useEndSession } from "./api";
import { Section } from "./section";

/** Where the person is signed in. */
export function Sessions() {
  const query = useQuery(sessionList);
  const endOthers = useEndOtherSessions();

  function endAll(): void {
    endOthers.mutate(undefined, {
      onSuccess: () => notifyDone("All other sessions have ended."),
      onError: (error) => notifyError("end the other sessions", error),
    });
  }

  return (
    <Section title="Sessions" help="Where you are signed in. End what you do not know.">
      <Loaded query={query} doing="load your sessions" lineHeight={48}>
        {(sessions) => (
          <Stack gap="sm">
            {sessions.map((session) => (
              <Line key={session.session_id} session={session} />
            ))}
            {sessions.length > 1 && (
              <Group>
                <Button variant="default" onClick={endAll} loading={endOthers.isPending}>
                  End all others
                </Button>
              </Group>
            )}
          </Stack>
        )}
      </Loaded>
    </Section>
  );
}

function Line({ session }: { session: Session }) {
  const end = useEndSession();
  const name = describeAgent(session.agent);
  return (
    <Group wrap="nowrap" gap="sm">
      <IconDeviceDesktop size={22} stroke={1.5} aria-hidden="true" style={{ flexShrink: 0 }} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={600} truncate>
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {session.address}, seen <TimeAgo time={session.last_seen_at} />
        </Text>
      </div>
      {session.current ? (
        <Badge variant="light" tt="none">
          This one
        </Badge>
      ) : (
        <Button
          size="compact-sm"
          variant="default"
          loading={end.isPending}
          onClick={() => end.mutate(session, { onError: (error) => notifyError("end the session", error) })}
          aria-label={`End the session of ${name}`}
        >
          End
        </Button>
      )}
    </Group>
  );
}
