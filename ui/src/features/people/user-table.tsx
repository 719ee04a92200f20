import { ActionIcon, Badge, Card, Group, Menu, Table, Text } from "@mantine/core";
import { IconDots, IconLink, IconPencil, IconUserOff, IconUserPlus } from "@tabler/icons-react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import stacked from "@/shared/ui/stacked.module.css";
import { TimeAgo } from "@/shared/ui/time-ago";
import { type SignInLink, type User, useChangeUser, useMakeLink } from "./api";

interface Props {
  users: readonly User[];
  onEdit: (user: User) => void;
  onLink: (link: SignInLink) => void;
}

/** Everybody who has an account. */
export function UserTable({ users, onEdit, onLink }: Props) {
  return (
    <Card withBorder padding={0} style={{ overflowX: "auto" }}>
      <Table className={stacked.table} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Name</Table.Th>
            <Table.Th>E-mail</Table.Th>
            <Table.Th>State</Table.Th>
            <Table.Th>Last signed in</Table.Th>
            <Table.Th aria-label="Actions" w={50} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {users.map((user) => (
            <Table.Tr key={user.user_id}>
              <Table.Td data-lead>
                <Text size="sm" fw={600}>
                  {user.display_name || user.username}
                </Text>
                <Text size="xs" c="dimmed">
                  {user.username}
                </Text>
              </Table.Td>
              <Table.Td data-label="E-mail">{user.email || "–"}</Table.Td>
              <Table.Td data-label="State">
                <State user={user} />
              </Table.Td>
              <Table.Td data-label="Last signed in">
                <TimeAgo time={user.last_sign_in_at} />
              </Table.Td>
              <Table.Td data-menu>
                <Actions user={user} onEdit={onEdit} onLink={onLink} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function State({ user }: { user: User }) {
  return (
    <Group gap={4}>
      {user.is_admin && (
        <Badge variant="light" tt="none">
          Administrator
        </Badge>
      )}
      {!user.enabled && (
        <Badge variant="light" color="red" tt="none">
          Shut out
        </Badge>
      )}
      {user.locked_until && (
        <Badge variant="light" color="yellow" tt="none">
          Too many wrong passwords
        </Badge>
      )}
      {user.enabled && !user.is_admin && !user.locked_until && (
        <Badge variant="light" color="gray" tt="none">
          User
        </Badge>
      )}
    </Group>
  );
}

function Actions({ user, onEdit, onLink }: Omit<Props, "users"> & { user: User }) {
  const change = useChangeUser();
  const link = useMakeLink();

  function turn(): void {
    change.mutate(
      { user, changes: { enabled: !user.enabled } },
      {
        onSuccess: () =>
          notifyDone(`${user.username} ${user.enabled ? "is shut out" : "may sign in again"}.`),
        onError: (error) => notifyError("change the user", error),
      },
    );
  }

  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon aria-label={`More about ${user.username}`} loading={change.isPending || link.isPending}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => onEdit(user)}>
          Change
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLink size={16} />}
          disabled={!user.enabled}
          onClick={() =>
            link.mutate(user, { onSuccess: onLink, onError: (error) => notifyError("make the link", error) })
          }
        >
          Make a sign-in link
        </Menu.Item>
        <Menu.Item
          color={user.enabled ? "red" : undefined}
          leftSection={user.enabled ? <IconUserOff size={16} /> : <IconUserPlus size={16} />}
          onClick={turn}
        >
          {user.enabled ? "Shut out" : "Let in again"}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
