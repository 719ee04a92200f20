import { Code, Drawer, Stack, Table, Text } from "@mantine/core";
import { formatTime } from "@/shared/time/format";
import type { AuditEntry } from "./api";
import { Result } from "./entry-table";

interface Props {
  entry: AuditEntry | null;
  onClose: () => void;
}

/** One entry in full. */
export function EntryDrawer({ entry, onClose }: Props) {
  return (
    <Drawer
      opened={entry !== null}
      onClose={onClose}
      position="right"
      size="lg"
      title={entry?.action}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      {entry && <Entry entry={entry} />}
    </Drawer>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const facts: [string, string | null][] = [
    ["When", formatTime(new Date(entry.at))],
    ["Who", entry.actor || "nobody"],
    ["From", entry.address],
    ["With token", entry.token_id],
    ["Name", entry.object_name],
    ["Object", [entry.object_type, entry.object_id].filter(Boolean).join(" ")],
    ["Workflow", entry.workflow_id],
    ["Execution", entry.execution_id],
    ["Step", entry.node_id],
    ["Request", entry.request_id],
  ];
  return (
    <Stack gap="md">
      {entry.message && <Text>{entry.message}</Text>}
      <div>
        <Result result={entry.result} />
      </div>
      <Table variant="vertical" layout="fixed" withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {facts
            .filter(([, value]) => value)
            .map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th w={110}>{name}</Table.Th>
                <Table.Td style={{ overflowWrap: "anywhere" }}>{value}</Table.Td>
              </Table.Tr>
            ))}
        </Table.Tbody>
      </Table>
      {Object.keys(entry.detail).length > 0 && <Code block>{JSON.stringify(entry.detail, null, 2)}</Code>}
    </Stack>
  );
}
