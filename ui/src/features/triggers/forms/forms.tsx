/** The forms of one workflow: each has a page of its own that anybody may open who knows the address. */
import { Badge, Button, Group, Stack, Switch } from "@mantine/core";
import { modals } from "@mantine/modals";
import { IconExternalLink, IconForms, IconRefresh } from "@tabler/icons-react";
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import { workflowQuery } from "@/shared/api/workflow";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { notifyError } from "@/shared/ui/notify";
import { TimeAgo } from "@/shared/ui/time-ago";
import { Address } from "../address";
import styles from "../triggers.module.css";

type Form = components["schemas"]["FormShape"];

export function formsQuery(workflowId: string) {
  return queryOptions({
    queryKey: ["forms", workflowId],
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/forms", {
          params: { path: { workflow_id: workflowId } },
          signal,
        }),
      ),
  });
}

interface Props {
  workflowId: string;
  editable: boolean;
}

export function Forms({ workflowId, editable }: Props) {
  return (
    <Loaded query={useQuery(formsQuery(workflowId))} doing="load the forms">
      {(forms) =>
        forms.length === 0 ? (
          <EmptyState icon={IconForms} title="No form yet">
            Let the workflow begin with a form, and publish it: its page and its address appear here.
          </EmptyState>
        ) : (
          <Stack gap="md">
            {forms.map((form) => (
              <FormCard key={form.form_id} workflowId={workflowId} form={form} editable={editable} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function FormCard({ workflowId, form, editable }: { workflowId: string; form: Form; editable: boolean }) {
  const queryClient = useQueryClient();
  const workflow = useQuery(workflowQuery(workflowId)).data?.data;
  const name = workflow?.definition.nodes.find((node) => node.id === form.node_id)?.name || form.node_id;
  const params = { path: { workflow_id: workflowId, form_id: form.form_id } };
  const onSettled = () => queryClient.invalidateQueries({ queryKey: ["forms", workflowId] });
  const change = useMutation({
    mutationFn: (enabled: boolean) =>
      call(client.PATCH("/api/v1/workflows/{workflow_id}/forms/{form_id}", { params, body: { enabled } })),
    onSettled,
    onError: (error) => notifyError("change the form", error),
  });
  const rotate = useMutation({
    mutationFn: () => call(client.POST("/api/v1/workflows/{workflow_id}/forms/{form_id}/rotate", { params })),
    onSettled,
    onError: (error) => notifyError("give the form another address", error),
  });
  return (
    <article className={styles.card} aria-label={`Form ${name}`}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap">
          <Group gap="xs">
            <h3 className={styles.name}>{name}</h3>
            {!form.published && (
              <Badge color="yellow" variant="light" tt="none">
                Not in the published version
              </Badge>
            )}
          </Group>
          <Switch
            label="On"
            aria-label={`The form ${name} is on`}
            checked={form.enabled}
            disabled={!editable || change.isPending}
            onChange={(event) => change.mutate(event.currentTarget.checked)}
          />
        </Group>
        <Address url={form.url} what={`the address of the form ${name}`} />
        <Group justify="space-between">
          <dl className={styles.facts}>
            <div>
              <dt>Sent</dt>
              <dd>{form.submission_count.toLocaleString()} times</dd>
            </div>
            <div>
              <dt>Last</dt>
              <dd>
                <TimeAgo time={form.last_submitted_at} />
              </dd>
            </div>
            <div>
              <dt>From one address at most</dt>
              <dd>
                {form.rate_limit_max} in {form.rate_limit_window} s
              </dd>
            </div>
          </dl>
          <Group gap="xs">
            <Button
              component="a"
              href={form.url}
              target="_blank"
              rel="noopener noreferrer"
              size="xs"
              variant="light"
              leftSection={<IconExternalLink size={15} aria-hidden="true" />}
            >
              Open
            </Button>
            {editable && (
              <Button
                size="xs"
                variant="default"
                leftSection={<IconRefresh size={15} aria-hidden="true" />}
                onClick={() =>
                  modals.openConfirmModal({
                    title: "Another address?",
                    children: "The old address leads nowhere at once.",
                    labels: { confirm: "Make a new address", cancel: "Keep it" },
                    onConfirm: () => rotate.mutate(),
                  })
                }
              >
                New address
              </Button>
            )}
          </Group>
        </Group>
      </Stack>
    </article>
  );
}
