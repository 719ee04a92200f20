import { Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "@/shared/ui/loaded";
import stacked from "@/shared/ui/stacked.module.css";
import { TimeAgo } from "@/shared/ui/time-ago";
import { OutcomeBadge, StartedLink } from "../outcome-cells";
import { deliveriesQuery, type Webhook } from "./api";

interface Props {
  webhook: Webhook;
  executionHref: (executionId: string) => string;
}

/** What was delivered last, and what became of it. */
export function Deliveries({ webhook, executionHref }: Props) {
  return (
    <Loaded query={useQuery(deliveriesQuery(webhook))} doing="load the deliveries">
      {(deliveries) =>
        deliveries.length === 0 ? (
          <Text size="sm" c="dimmed" py="sm">
            Nothing was delivered yet. Try it with “Test”.
          </Text>
        ) : (
          <Table className={stacked.table} aria-label={`Last deliveries to ${webhook.name}`}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th w={130}>When</Table.Th>
                <Table.Th w={160}>What became of it</Table.Th>
                <Table.Th>Reason</Table.Th>
                <Table.Th w={120}>Execution</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {deliveries.map((one) => (
                <Table.Tr key={one.decision_id}>
                  <Table.Td data-label="When">
                    <TimeAgo time={one.at} />
                  </Table.Td>
                  <Table.Td data-label="What became of it">
                    <OutcomeBadge outcome={one.outcome} />
                  </Table.Td>
                  <Table.Td data-label="Reason">{one.reason || "–"}</Table.Td>
                  <Table.Td data-label="Execution">
                    <StartedLink executionId={one.execution_id} executionHref={executionHref} />
                  </Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        )
      }
    </Loaded>
  );
}
