import { ActionIcon, Button, Group, Select, Stack, Table, Text, TextInput, Tooltip } from "@mantine/core";
import { IconUserMinus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Loaded } from "@/shared/ui/loaded";
import { notifyError } from "@/shared/ui/notify";
import {
  type Community,
  knownPeople,
  type Member,
  memberList,
  type Role,
  useAddMember,
  usePutMember,
  useRemoveMember,
} from "./api";
import { ROLES } from "./rights";

interface Props {
  community: Community;
  /** Whether the person says who belongs to it. */
  manages: boolean;
  administrator: boolean;
}

/** Who belongs to a community, and as what. */
export function Members({ community, manages, administrator }: Props) {
  const query = useQuery(memberList(community.community_id));
  return (
    <Loaded query={query} doing="load the members" lineHeight={40}>
      {(members) => (
        <Stack gap="sm">
          {members.length === 0 && (
            <Text size="sm" c="dimmed">
              Nobody belongs to it yet.
            </Text>
          )}
          {members.length > 0 && (
            <Table>
              <Table.Tbody>
                {members.map((member) => (
                  <Line key={member.user_id} member={member} manages={manages} />
                ))}
              </Table.Tbody>
            </Table>
          )}
          {manages && administrator && <AddMember community={community} members={members} />}
          {manages && !administrator && <AddByName community={community} />}
        </Stack>
      )}
    </Loaded>
  );
}

function Line({ member, manages }: { member: Member; manages: boolean }) {
  const put = usePutMember(member.community_id);
  const remove = useRemoveMember(member.community_id);
  const name = member.display_name || member.username;
  const role = ROLES.find((one) => one.value === member.role);
  // What the identity provider says is said there.
  const fixed = !manages || member.source === "oidc";
  return (
    <Table.Tr>
      <Table.Td>{name}</Table.Td>
      <Table.Td w={190}>
        {fixed ? (
          role?.label
        ) : (
          <Select
            aria-label={`Role of ${name}`}
            size="xs"
            data={ROLES.map(({ value, label }) => ({ value, label }))}
            value={member.role}
            allowDeselect={false}
            onChange={(chosen) =>
              put.mutate(
                { userId: member.user_id, role: chosen as Role },
                { onError: (error) => notifyError("change the role", error) },
              )
            }
          />
        )}
      </Table.Td>
      <Table.Td visibleFrom="sm">
        <Text size="xs" c="dimmed">
          {role?.help}
        </Text>
      </Table.Td>
      <Table.Td w={50}>
        {!fixed && (
          <Tooltip label="Take out">
            <ActionIcon
              aria-label={`Take ${name} out`}
              loading={remove.isPending}
              onClick={() =>
                remove.mutate(member.user_id, {
                  onError: (error) => notifyError("take the member out", error),
                })
              }
            >
              <IconUserMinus size={17} />
            </ActionIcon>
          </Tooltip>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Who sees no list of users says a name. */
function AddByName({ community }: { community: Community }) {
  const add = useAddMember(community.community_id);
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("editor");

  function submit(event: FormEvent): void {
    event.preventDefault();
    add.mutate(
      { username: username.trim(), role },
      { onSuccess: () => setUsername(""), onError: (error) => notifyError("add the member", error) },
    );
  }

  return (
    <form onSubmit={submit}>
      <Group gap="sm" align="flex-end">
        <TextInput
          label="Add somebody"
          placeholder="the name that they sign in with"
          value={username}
          onChange={(event) => setUsername(event.currentTarget.value)}
          autoComplete="off"
          w={260}
        />
        <RoleSelect role={role} onRole={setRole} />
        <Button type="submit" variant="default" disabled={username.trim() === ""} loading={add.isPending}>
          Add
        </Button>
      </Group>
    </form>
  );
}

function RoleSelect({ role, onRole }: { role: Role; onRole: (role: Role) => void }) {
  return (
    <Select
      aria-label="As what"
      data={ROLES.map(({ value, label }) => ({ value, label }))}
      value={role}
      allowDeselect={false}
      onChange={(chosen) => onRole(chosen as Role)}
      w={140}
    />
  );
}

function AddMember({ community, members }: { community: Community; members: readonly Member[] }) {
  const known = useQuery(knownPeople(true, [])).data ?? new Map<number, string>();
  const put = usePutMember(community.community_id);
  const [userId, setUserId] = useState<string | null>(null);
  const [role, setRole] = useState<Role>("editor");
  const within = new Set(members.map((one) => one.user_id));
  const others = [...known].filter(([id]) => !within.has(id));

  function add(): void {
    put.mutate(
      { userId: Number(userId), role },
      { onSuccess: () => setUserId(null), onError: (error) => notifyError("add the member", error) },
    );
  }

  return (
    <Group gap="sm">
      <Select
        aria-label="Who"
        placeholder="Add somebody"
        searchable
        data={others.map(([id, name]) => ({ value: String(id), label: name }))}
        value={userId}
        onChange={setUserId}
        nothingFoundMessage="Nobody else"
      />
      <RoleSelect role={role} onRole={setRole} />
      <Button variant="default" onClick={add} disabled={userId === null} loading={put.isPending}>
        Add
      </Button>
    </Group>
  );
}
