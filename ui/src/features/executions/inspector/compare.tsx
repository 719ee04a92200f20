/** What a step gave, beside what it gave in another execution. */
import { Badge, Group, Loader, SegmentedControl, Select, Stack, Table, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import styles from "@/shared/inspection/inspection.module.css";
import { differences, type Excerpt, shortly } from "@/shared/inspection/parts";
import { formatTime } from "@/shared/time/format";
import { ErrorState } from "@/shared/ui/error-state";
import { STATUS_LOOKS } from "@/shared/ui/status-badge";
import { executionQuery, iterationsQuery, othersQuery, type StepDetail, stepQuery } from "../api";

interface Props {
  executionId: string;
  detail: StepDetail;
}

type Both = "output" | "input";
const SAME = { output: "Both gave the same output.", input: "Both got the same input." } as const;
const WORDS = { added: "only in the other", removed: "only here", changed: "differs" } as const;
const COLORS = { added: "blue", removed: "orange", changed: "grape" } as const;

export function Compare({ executionId, detail }: Props) {
  const run = useQuery(executionQuery(executionId)).data;
  const others = useQuery({ ...othersQuery(run?.workflow_id ?? ""), enabled: run !== undefined });
  const [chosen, setChosen] = useState<string | null>(null);
  const [side, setSide] = useState<Both>("output");
  const choices = (others.data ?? []).filter((one) => one.execution_id !== executionId);
  const before = choices.find((one) => run !== undefined && one.start_time < run.start_time);
  const other = chosen ?? before?.execution_id ?? null;
  return (
    <Stack className={styles.log} gap="sm">
      <Group gap={8} align="flex-end" wrap="nowrap">
        <Select
          size="xs"
          style={{ flex: 1 }}
          label="Compare with"
          placeholder={others.isPending ? "Loading…" : "Choose a run"}
          data={choices.map((one) => ({
            value: one.execution_id,
            label: `${formatTime(new Date(one.start_time))} · ${STATUS_LOOKS[one.status].label}`,
          }))}
          value={other}
          onChange={setChosen}
          searchable
          nothingFoundMessage="No other run of this workflow"
        />
        <SegmentedControl
          size="xs"
          aria-label="What is compared"
          data={[
            { value: "output", label: "Output" },
            { value: "input", label: "Input" },
          ]}
          value={side}
          onChange={(next) => setSide(next as Both)}
        />
      </Group>
      {other && <Comparison other={other} detail={detail} side={side} />}
      {others.data && choices.length === 0 && (
        <Text size="sm" c="dimmed">
          There is no other run of this workflow yet.
        </Text>
      )}
    </Stack>
  );
}

function Comparison({ other, detail, side }: { other: string; detail: StepDetail; side: Both }) {
  const { node_id, scope } = detail.line;
  const iterations = useQuery(iterationsQuery(other, node_id));
  const there = iterations.data?.all.find((one) => one.scope === scope);
  const step = useQuery({
    ...stepQuery(other, there?.last_sequence ?? 0),
    enabled: there !== undefined,
  });
  if (iterations.isError) return <ErrorState error={iterations.error} doing="look into the other run" />;
  if (iterations.data && !there)
    return (
      <Text size="sm" c="dimmed">
        This step did not run {scope && "in this iteration "}there.
      </Text>
    );
  if (step.isError) return <ErrorState error={step.error} doing="read the other step" />;
  if (!step.data) return <Loader size="sm" role="status" aria-label="Loading" />;
  const [here, theirs] = [sideOf(detail, side), sideOf(step.data, side)];
  const found = differences(here.value, theirs.value);
  const cut = here.cuts.length + theirs.cuts.length > 0;
  return (
    <>
      {found.length === 0 && <Text size="sm">{SAME[side]}</Text>}
      {found.length > 0 && (
        <Table fz="xs" aria-label={`Differences of the ${side}s`}>
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

/** What it gave, or the error in place of that. */
function sideOf(detail: StepDetail, side: Both): Pick<Excerpt, "value" | "cuts"> {
  if (side === "input") return detail.input ?? { value: null, cuts: [] };
  return detail.error === null ? detail.output : { value: { error: detail.error }, cuts: [] };
}
