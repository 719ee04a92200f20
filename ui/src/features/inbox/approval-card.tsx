import { Alert, Button, Card, Code, Group, Spoiler, Stack, Text, Textarea, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "@/shared/api/errors";
import { FieldForm } from "@/shared/form/field-form";
import { initialValues, missingFields, readFaults, readFields } from "@/shared/form/form-field";
import { Markdown } from "@/shared/ui/markdown";
import { notifyDone } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { type Approval, useDecide } from "./api";

interface Props {
  approval: Approval;
  /** Whether this person is asked. */
  mine: boolean;
  /** Whether it is shown elsewhere than with its execution. */
  linked?: boolean;
}

/** A question to people, and the ways to answer it. */
export function ApprovalCard({ approval, mine, linked = true }: Props) {
  return (
    <Card withBorder component="article" aria-label={approval.title} padding="lg">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" wrap="nowrap">
          <Title order={2} size="h4">
            {approval.title}
          </Title>
          <Text size="sm" c="dimmed" style={{ flexShrink: 0 }}>
            asked <TimeAgo time={approval.created_at} />
          </Text>
        </Group>
        {approval.text && <Markdown text={approval.text} />}
        <Shown data={approval.data} />
        {mine ? <Answer approval={approval} /> : <Outcome approval={approval} />}
        <Group gap="lg">
          {linked && (
            <Text
              size="sm"
              component={Link}
              to={"/executions/$executionId" as "/"}
              params={{ executionId: approval.execution_id } as never}
              c="var(--mantine-color-anchor)"
            >
              Open the execution
            </Text>
          )}
          {approval.expires_at && (
            <Text size="sm" c="dimmed">
              Expires <TimeAgo time={approval.expires_at} />
            </Text>
          )}
        </Group>
      </Stack>
    </Card>
  );
}

function Shown({ data }: { data: unknown }) {
  if (data == null || (typeof data === "object" && Object.keys(data).length === 0)) return null;
  return (
    <Spoiler maxHeight={160} showLabel="Show all" hideLabel="Show less">
      <Code block>{typeof data === "string" ? data : JSON.stringify(data, null, 2)}</Code>
    </Spoiler>
  );
}

function Outcome({ approval }: { approval: Approval }) {
  const waiting = approval.undecided.join(", ");
  return (
    <Stack gap={4}>
      {approval.decisions.map((one) => (
        <Text size="sm" key={`${one.approver} ${one.decided_at}`}>
          <strong>{one.approver}</strong> chose <strong>{labelOf(approval, one.option)}</strong>{" "}
          <TimeAgo time={one.decided_at} />
          {one.comment && `: ${one.comment}`}
        </Text>
      ))}
      {approval.status === "pending" && (
        <Text size="sm" c="dimmed">{`Waits for ${waiting || "its approvers"}.`}</Text>
      )}
      {approval.status === "expired" && <Text size="sm">Nobody decided in time.</Text>}
    </Stack>
  );
}

function labelOf(approval: Approval, option: string): string {
  return approval.options.find((one) => one.name === option)?.label || option;
}

function Answer({ approval }: { approval: Approval }) {
  const fields = readFields(approval.form);
  const [values, setValues] = useState(() => initialValues(fields));
  const [comment, setComment] = useState("");
  const decide = useDecide();
  const details = decide.error instanceof ApiError ? decide.error.details : {};
  const incomplete = missingFields(fields, values).length > 0;
  const commented = approval.options.some((option) => option.comment !== "none");

  function choose(option: string): void {
    decide.mutate(
      { approval, option, comment, fields: values },
      { onSuccess: () => notifyDone(`Your answer to “${approval.title}” is given.`) },
    );
  }

  return (
    <Stack gap="sm">
      {fields.length > 0 && (
        <FieldForm fields={fields} values={values} faults={readFaults(details)} onChange={setValues} />
      )}
      {commented && (
        <Textarea
          label="Comment"
          autosize
          minRows={2}
          value={comment}
          onChange={(event) => setComment(event.currentTarget.value)}
        />
      )}
      {decide.error && (
        <Alert color="red" role="alert">
          {decide.error.message}
        </Alert>
      )}
      <Group gap="sm">
        {approval.options.map((option) => (
          <Button
            key={option.name}
            variant={option.rejects ? "default" : "filled"}
            loading={decide.isPending && decide.variables.option === option.name}
            disabled={
              decide.isPending ||
              (incomplete && !option.rejects) ||
              (option.comment === "required" && !comment.trim())
            }
            onClick={() => choose(option.name)}
          >
            {option.label || option.name}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}
