/** One template: what it does, drawn and in words, and what it asks for. */
import { Badge, Group, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { Page } from "@/shared/ui/page";
import { type Template, templateQuery } from "../api";
import { CreateForm } from "../create-form";
import styles from "../templates.module.css";

interface Props {
  templateId: string;
  /** Draws a workflow. */
  preview: (definition: Template["definition"]) => ReactNode;
  /** With what the workflow may be tried. */
  onCreated: (workflowId: string, sample: Template["sample"]) => void;
  actions?: ReactNode;
}

export function TemplatePage({ templateId, preview, onCreated, actions }: Props) {
  const query = useQuery(templateQuery(templateId));
  if (query.isPending) {
    return (
      <Page title="Template" actions={actions}>
        <div className={styles.columns} aria-busy="true">
          <Skeleton height={480} radius="md" />
          <Skeleton height={420} radius="md" />
        </div>
      </Page>
    );
  }
  if (query.isError) {
    return (
      <Page title="Template" actions={actions}>
        <ErrorState error={query.error} doing="load the template" retry={() => query.refetch()} />
      </Page>
    );
  }
  const template = query.data;
  return (
    <Page
      title={template.name}
      description={<span className={styles.about}>{template.description}</span>}
      actions={actions}
    >
      <div className={styles.columns}>
        <div>
          <div className={styles.preview}>{preview(template.definition)}</div>
          <Group gap={6} mt="sm">
            <Badge variant="default" tt="none" fw={500}>
              {template.category}
            </Badge>
            {template.tags.map((tag) => (
              <Badge key={tag} variant="light" color="gray" tt="none" fw={500}>
                {tag}
              </Badge>
            ))}
          </Group>
        </div>
        <CreateForm key={template.template_id} template={template} onCreated={onCreated} />
      </div>
    </Page>
  );
}
