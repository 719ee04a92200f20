import { Badge, Button, Card, Code, Group, Table, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useNow } from "@/shared/time/use-now";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import stacked from "@/shared/ui/stacked.module.css";
import { TimeAgo } from "@/shared/ui/time-ago";
import { type Token, useRevokeToken } from "./api";
import { SCOPES, stateOf } from "./scopes";

/** Tokens, with what each may do and how to take it back. */
export function TokenTable({ tokens }: { tokens: readonly Token[] }) {
  return (
    <Card withBorder padding={0} style={{ overflowX: "auto" }}>
      <Table className={stacked.table} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Token</Table.Th>
            <Table.Th>May</Table.Th>
            <Table.Th>Last used</Table.Th>
            <Table.Th>Expires</Table.Th>
            <Table.Th aria-label="Actions" />
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tokens.map((token) => (
            <Line key={token.token_id} token={token} />
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function Line({ token }: { token: Token }) {
  const state = stateOf(token, useNow());
  return (
    <Table.Tr>
      <Table.Td data-lead>
        <Text fw={600} size="sm">
          {token.name}
        </Text>
        <Code>{token.prefix}…</Code>
      </Table.Td>
      <Table.Td data-label="May">
        <Group gap={4}>
          {token.scopes.map((scope) => (
            <Badge key={scope} variant="light" color="gray" tt="none">
              {SCOPES.find((one) => one.value === scope)?.label ?? scope}
            </Badge>
          ))}
        </Group>
      </Table.Td>
      <Table.Td data-label="Last used">
        <TimeAgo time={token.last_used_at} />
      </Table.Td>
      <Table.Td data-label="Expires">
        {state === "revoked" ? "taken back" : <TimeAgo time={token.expires_at} />}
      </Table.Td>
      <Table.Td ta="right">{state === "good" && <Revoke token={token} />}</Table.Td>
    </Table.Tr>
  );
}

function Revoke({ token }: { token: Token }) {
  const revoke = useRevokeToken();

  function ask(): void {
    modals.openConfirmModal({
      title: `Take back “${token.name}”?`,
      children: <Text size="sm">Programs that use it are refused from this moment.</Text>,
      labels: { confirm: "Take back", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: () =>
        revoke.mutate(token, {
          onSuccess: () => notifyDone(`“${token.name}” is taken back.`),
          onError: (error) => notifyError("take the token back", error),
        }),
    });
  }

  return (
    <Button
      size="compact-sm"
      variant="default"
      onClick={ask}
      loading={revoke.isPending}
      aria-label={`Take back ${token.name}`}
    >
      Take back
    </Button>
  );
}
