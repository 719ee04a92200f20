import { Alert, Badge, Button, Card, Group, Stack, Text, Title } from "@mantine/core";
import { IconClipboardCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError } from "@/shared/api/errors";
import { FieldForm } from "@/shared/form/field-form";
import { initialValues, missingFields, readFaults, readFields } from "@/shared/form/form-field";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { Markdown } from "@/shared/ui/markdown";
import { notifyDone } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { myNames, openTasks, type Task, useCompleteTask } from "./api";
import { isMine, mineFirst } from "./mine";
import { Parts } from "./section";

/** What is to be done by people, this person's first. */
export function OpenTasks() {
  const names = useQuery(myNames).data ?? new Set<string>();
  return (
    <Loaded query={useQuery(openTasks)} doing="load the tasks">
      {(tasks) => {
        if (tasks.length === 0) {
          return (
            <EmptyState icon={IconClipboardCheck} title="No task is open">
              Workflows give people tasks, and go on when they are done. Yours appear here.
            </EmptyState>
          );
        }
        const { mine, others } = mineFirst(tasks, (one) => isMine(one, names));
        return (
          <Parts
            mine={mine.map((one) => <TaskCard key={one.task_id} task={one} />)}
            others={others.map((one) => <TaskCard key={one.task_id} task={one} />)}
            othersTitle="Tasks of others, and of nobody"
          />
        );
      }}
    </Loaded>
  );
}

function TaskCard({ task }: { task: Task }) {
  const fields = readFields(task.form);
  const [values, setValues] = useState(() => initialValues(fields));
  const complete = useCompleteTask();
  const details = complete.error instanceof ApiError ? complete.error.details : {};

  function finish(): void {
    complete.mutate(
      { task, result: fields.length > 0 ? values : null },
      { onSuccess: () => notifyDone(`“${task.title}” is done.`) },
    );
  }

  return (
    <Card withBorder component="article" aria-label={task.title} padding="lg">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start">
          <Title order={2} size="h4">
            {task.title}
          </Title>
          <Group gap="xs">
            {task.labels.map((label) => (
              <Badge key={label} variant="light" color="gray" tt="none">
                {label}
              </Badge>
            ))}
            {task.due_at && (
              <Text size="sm" c="dimmed">
                due <TimeAgo time={task.due_at} />
              </Text>
            )}
          </Group>
        </Group>
        {task.description && <Markdown text={task.description} />}
        <FieldForm fields={fields} values={values} faults={readFaults(details)} onChange={setValues} />
        {complete.error && (
          <Alert color="red" role="alert">
            {complete.error.message}
          </Alert>
        )}
        <Group justify="space-between">
          <Button
            onClick={finish}
            loading={complete.isPending}
            disabled={missingFields(fields, values).length > 0}
          >
            Mark as done
          </Button>
          <Text size="sm" c="dimmed">
            {task.assignee ? `For ${task.assignee}` : "For nobody in particular"}
          </Text>
        </Group>
      </Stack>
    </Card>
  );
}
