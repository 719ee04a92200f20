/** The events and commands that start the workflow: what its published version listens to. */
import { Badge, Code, Group, Stack, Text } from "@mantine/core";
import { IconBroadcast } from "@tabler/icons-react";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import { CopyButton } from "@/shared/ui/copy-button";
import { EmptyState } from "@/shared/ui/empty-state";
import { HrefLink } from "@/shared/ui/href-link";
import { Loaded } from "@/shared/ui/loaded";
import { TimeAgo } from "@/shared/ui/time-ago";
import styles from "../triggers.module.css";

type Listener = components["schemas"]["ListenerShape"];

export function listenersQuery(workflowId: string) {
  return queryOptions({
    queryKey: ["listeners", workflowId],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/listeners", {
          params: { path: { workflow_id: workflowId } },
          signal,
        }),
      ),
  });
}

interface Props {
  workflowId: string;
  executionHref: (executionId: string) => string;
}

export function Listeners({ workflowId, executionHref }: Props) {
  return (
    <Loaded query={useQuery(listenersQuery(workflowId))} doing="load what it listens to">
      {(listeners) =>
        listeners.length === 0 ? (
          <EmptyState icon={IconBroadcast} title="It listens to nothing yet">
            Let the workflow begin with an event or a command, and publish it: what it listens to appears
            here. Events come in at /api/v1/events.
          </EmptyState>
        ) : (
          <Stack gap="md">
            <Text size="sm" c="dimmed">
              What is published at <Code>/api/v1/events</Code> and sent to <Code>/api/v1/commands</Code>{" "}
              starts the published workflow where it fits.
            </Text>
            {listeners.map((one) => (
              <ListenerCard key={one.node_id} listener={one} executionHref={executionHref} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function ListenerCard({ listener, executionHref }: { listener: Listener } & Pick<Props, "executionHref">) {
  const name = listener.name || listener.node_id;
  const command = listener.kind === "command";
  const heard = command ? listener.keys.map((key) => `${listener.pattern}${key}`) : [listener.pattern];
  return (
    <article className={styles.card} aria-label={`${command ? "Command" : "Event"} ${name}`}>
      <Stack gap="sm">
        <Group gap="xs">
          <h3 className={styles.name}>{name}</h3>
          <Badge variant="light" color="gray" tt="none">
            {command ? "Command" : "Event"}
          </Badge>
        </Group>
        <Group gap={6}>
          {heard.map((one) => (
            <Group key={one} gap={2} wrap="nowrap">
              <Code fz="sm" style={{ overflowWrap: "anywhere" }}>
                {one}
              </Code>
              <CopyButton value={one} what={one} />
            </Group>
          ))}
        </Group>
        <dl className={styles.facts}>
          {!command && (
            <div>
              <dt>If</dt>
              <dd>{listener.filter ? <Code>{listener.filter}</Code> : "always"}</dd>
            </div>
          )}
          {command && (
            <div>
              <dt>Heard</dt>
              <dd>{listener.platforms.length > 0 ? listener.platforms.join(", ") : "everywhere"}</dd>
            </div>
          )}
          <div>
            <dt>Last started</dt>
            <dd>
              {listener.last_execution_id ? (
                <HrefLink href={executionHref(listener.last_execution_id)}>
                  <TimeAgo time={listener.last_started_at} />
                </HrefLink>
              ) : (
                "not lately"
              )}
            </dd>
          </div>
        </dl>
      </Stack>
    </article>
  );
}
