/** What a step gave, beside what it gave in another execution. */
import { Alert, Badge, Loader, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { formatTime } from "@/shared/time/format";
import { ErrorState } from "@/shared/ui/error-state";
import { STATUS_LOOKS } from "@/shared/ui/status-badge";
import { executionQuery, iterationsQuery, othersQuery, type StepDetail, stepQuery } from "../api";
import styles from "./inspector.module.css";
import { differences, shortly } from "./parts";

interface Props {
  executionId: string;
  detail: StepDetail;
}

const WORDS = { added: "only in the other", removed: "only here", changed: "differs" } as const;
const COLORS = { added: "blue", removed: "orange", changed: "grape" } as const;

export function Compare({ executionId, detail }: Props) {
  const workflow = useQuery(executionQuery(executionId)).data?.workflow_id;
  const others = useQuery({ ...othersQuery(workflow ?? ""), enabled: workflow !== undefined });
  const [other, setOther] = useState<string | null>(null);
  const choices = (others.data ?? []).filter((one) => one.execution_id !== executionId);
  return (
    <Stack className={styles.log} gap="sm">
      <Select
        label="Compare with"
        placeholder={others.isPending ? "Loading…" : "Choose an execution"}
        data={choices.map((one) => ({
          value: one.execution_id,
          label: `${formatTime(new Date(one.start_time))} · ${STATUS_LOOKS[one.status].label}`,
        }))}
        value={other}
        onChange={setOther}
        searchable
        nothingFoundMessage="No other execution of this workflow"
      />
      {other && <Comparison other={other} detail={detail} />}
    </Stack>
  );
}

function Comparison({ other, detail }: { other: string; detail: StepDetail }) {
  const { node_id, scope } = detail.line;
  const iterations = useQuery(iterationsQuery(other, node_id));
  const there = iterations.data?.all.find((one) => one.scope === scope);
  const step = useQuery({
    ...stepQuery(other, there?.last_sequence ?? 0),
    enabled: there !== undefined,
  });
  if (iterations.isError)
    return <ErrorState error={iterations.error} doing="look into the other execution" />;
  if (iterations.data && !there) return <Alert>This step did not run in the other execution.</Alert>;
  if (step.isError) return <ErrorState error={step.error} doing="read the other step" />;
  if (!step.data) return <Loader size="sm" aria-label="Loading" />;
  const found = differences(detail.output.value, step.data.output.value);
  const cut = detail.output.cuts.length + step.data.output.cuts.length > 0;
  return (
    <>
      {found.length === 0 && <Text size="sm">Both gave the same output.</Text>}
      {found.length > 0 && (
        <Table fz="xs" aria-label="Differences of the outputs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Where</Table.Th>
              <Table.Th>Here</Table.Th>
              <Table.Th>There</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {found.map((one) => (
              <Table.Tr key={one.path}>
                <Table.Td>
                  <code>{one.path || "the whole"}</code>{" "}
                  <Badge size="xs" variant="light" color={COLORS[one.kind]} tt="none">
                    {WORDS[one.kind]}
                  </Badge>
                </Table.Td>
                <Table.Td className={styles.cell}>
                  {one.before === undefined ? "" : shortly(one.before)}
                </Table.Td>
                <Table.Td className={styles.cell}>
                  {one.after === undefined ? "" : shortly(one.after)}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {cut && (
        <Text size="xs" c="dimmed">
          Only the beginnings of large values are compared.
        </Text>
      )}
    </>
  );
}
