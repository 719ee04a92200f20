import { ActionIcon, Alert, Card, Checkbox, Stack, Table, Text, Tooltip } from "@mantine/core";
import { IconLock, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ApiError } from "@/shared/api/errors";
import { Loaded } from "@/shared/ui/loaded";
import { notifyError } from "@/shared/ui/notify";
import stacked from "@/shared/ui/stacked.module.css";
import { AddGrant } from "./add-grant";
import { communityList, type Grant, grantList, knownPeople, me, useGrant, useRevokeGrant } from "./api";
import { GiveAway } from "./give-away";
import { granteeOf, grantTo, RIGHTS, type Right, rightsOf, turned } from "./rights";

/** Who may do what with one workflow, beside its author and its community. */
export function PermissionsPanel({ workflowId }: { workflowId: string }) {
  const query = useQuery(grantList(workflowId));
  const administrator = useQuery(me).data?.administrator ?? false;
  const communities = useQuery(communityList).data ?? [];
  const people = useQuery(knownPeople(administrator, communities)).data ?? new Map<number, string>();
  if (query.error instanceof ApiError && query.error.status === 403) {
    return (
      <Alert icon={<IconLock aria-hidden="true" />} title="You cannot say who may use this workflow">
        Its author can, and the administrators of its community: ask one of them.
      </Alert>
    );
  }
  const names = {
    of: (grant: Grant): string => {
      if (grant.user_id !== null) return people.get(grant.user_id) ?? `User ${grant.user_id}`;
      if (grant.community_id === null) return `Everybody with the role ${grant.role}`;
      const found = communities.find((one) => one.community_id === grant.community_id);
      return `Members of ${found?.name ?? `community ${grant.community_id}`}`;
    },
  };
  return (
    <Stack gap="md">
      <Text size="sm" c="dimmed">
        Its author may do everything, and the members of its community what their role says. These may
        besides:
      </Text>
      <Loaded query={query} doing="load who may use this workflow" lineHeight={44}>
        {(grants) => (
          <>
            {grants.length === 0 ? (
              <Text size="sm">Nobody else yet.</Text>
            ) : (
              <Grants grants={grants} workflowId={workflowId} nameOf={names.of} />
            )}
            <AddGrant
              workflowId={workflowId}
              people={people}
              communities={communities}
              given={new Set(grants.map(granteeOf))}
            />
            <GiveAway workflowId={workflowId} people={people} />
          </>
        )}
      </Loaded>
    </Stack>
  );
}

interface GrantsProps {
  grants: readonly Grant[];
  workflowId: string;
  nameOf: (grant: Grant) => string;
}

function Grants({ grants, workflowId, nameOf }: GrantsProps) {
  return (
    <Card withBorder padding={0} style={{ overflowX: "auto" }}>
      <Table className={stacked.table}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Who</Table.Th>
            {RIGHTS.map((right) => (
              <Table.Th key={right.name} ta="center" w={84}>
                {right.label}
              </Table.Th>
            ))}
            <Table.Th aria-label="Actions" w={50} />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {grants.map((grant) => (
            <Line key={grant.permission_id} grant={grant} workflowId={workflowId} name={nameOf(grant)} />
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Line({ grant, workflowId, name }: { grant: Grant; workflowId: string; name: string }) {
  const give = useGrant(workflowId);
  const revoke = useRevokeGrant(workflowId);
  const rights = rightsOf(grant);
  const onError = (error: Error) => notifyError(`change what ${name} may do`, error);

  function turn(right: Right): void {
    const next = turned(rights, right);
    if (next.size === 0) revoke.mutate(grant, { onError });
    else give.mutate(grantTo(granteeOf(grant), next), { onError });
  }

  return (
    <Table.Tr>
      <Table.Td data-lead>{name}</Table.Td>
      {RIGHTS.map((right) => (
        <Table.Td key={right.name} data-label={right.label}>
          <Checkbox
            aria-label={`${name}: ${right.label}`}
            checked={rights.has(right.name)}
            onChange={() => turn(right.name)}
            disabled={give.isPending || revoke.isPending}
            styles={{ body: { justifyContent: "center" } }}
          />
        </Table.Td>
      ))}
      <Table.Td data-menu>
        <Tooltip label="Take back">
          <ActionIcon
            aria-label={`Take back what ${name} may do`}
            onClick={() => revoke.mutate(grant, { onError })}
            loading={revoke.isPending}
          >
            <IconTrash size={17} />
          </ActionIcon>
        </Tooltip>
      </Table.Td>
    </Table.Tr>
  );
}
