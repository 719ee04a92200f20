import { ActionIcon, Button, Group, Menu, Text } from "@mantine/core";
import { IconDots, IconKey, IconLogin2, IconPencil, IconTrash } from "@tabler/icons-react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { type Connection, type ConnectionKind, useAuthorize, useTestConnection } from "./api";
import { ConnectionState } from "./connection-state";
import styles from "./connections.module.css";
import { KindIcon } from "./kind-icon";

export type Act = "edit" | "rotate" | "delete";

interface Props {
  connection: Connection;
  kind: ConnectionKind | undefined;
  onAct: (act: Act, connection: Connection) => void;
}

/** One connection of the list, with what the person may do with it. */
export function ConnectionLine({ connection, kind, onAct }: Props) {
  const test = useTestConnection();
  const may = (permission: Connection["permissions"][number]) => connection.permissions.includes(permission);

  function tryIt(): void {
    test.mutate(connection, {
      onSuccess: ({ result }) =>
        result.ok
          ? notifyDone(`“${connection.name}” works: ${result.message}`)
          : notifyError(`reach “${connection.name}”`, new Error(`${result.message} ${result.remedy}`)),
      onError: (error) => notifyError("try the connection", error),
    });
  }

  return (
    <li className={styles.line}>
      <KindIcon icon={kind?.icon} />
      <div className={styles.words}>
        <Text fw={600} truncate>
          {connection.name}
        </Text>
        <Text size="sm" c="dimmed" truncate>
          {[kind?.title ?? connection.kind, ...connection.allowed_hosts].join(" · ")}
        </Text>
      </div>
      <Text size="sm" c="dimmed" visibleFrom="md">
        {connection.last_used_at ? "used " : "never used"}
        {connection.last_used_at && <TimeAgo time={connection.last_used_at} />}
      </Text>
      <ConnectionState connection={connection} kind={kind} />
      <Group gap={4} wrap="nowrap">
        {may("execute") && (
          <Button size="compact-sm" variant="default" onClick={tryIt} loading={test.isPending}>
            Test
          </Button>
        )}
        <More connection={connection} kind={kind} onAct={onAct} />
      </Group>
    </li>
  );
}

function More({ connection, kind, onAct }: Props) {
  const authorize = useAuthorize();
  const edits = connection.permissions.includes("edit");
  const deletes = connection.permissions.includes("delete");
  if (!edits && !deletes) return null;

  function signIn(): void {
    authorize.mutate(connection, {
      onSuccess: ({ url }) => window.location.assign(url),
      onError: (error) => notifyError("begin to sign in", error),
    });
  }

  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon aria-label={`More about ${connection.name}`}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {edits && kind?.signs_in && (
          <Menu.Item leftSection={<IconLogin2 size={16} />} onClick={signIn}>
            {connection.authorized ? "Sign in anew" : "Sign in"}
          </Menu.Item>
        )}
        {edits && (
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onAct("edit", connection)}>
            Change
          </Menu.Item>
        )}
        {edits && (
          <Menu.Item leftSection={<IconKey size={16} />} onClick={() => onAct("rotate", connection)}>
            Replace secrets
          </Menu.Item>
        )}
        {deletes && (
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} />}
            onClick={() => onAct("delete", connection)}
          >
            Delete
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
