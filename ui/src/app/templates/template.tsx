import { Button } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useParams, useRouter } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { TemplatePage } from "@/features/templates/pages/template";
import { whenThere } from "@/shared/api/reach";
import { HrefLink } from "@/shared/ui/href-link";
import { links } from "../links";

const Preview = lazy(async () => ({
  default: (await whenThere(() => import("../workflow-preview"))).WorkflowPreview,
}));

export function Template() {
  const { templateId } = useParams({ from: "/templates/$templateId" });
  const router = useRouter();
  return (
    <TemplatePage
      templateId={templateId}
      preview={(definition) => (
        <Suspense>
          <Preview definition={definition} />
        </Suspense>
      )}
      onCreated={async (workflowId, sample) => {
        if (sample !== null && sample !== undefined) await keepSample(workflowId, sample);
        router.history.push(links.workflow(workflowId));
      }}
      actions={
        <Button
          component={HrefLink}
          href="/templates"
          variant="default"
          leftSection={<IconArrowLeft size={16} aria-hidden="true" />}
        >
          All templates
        </Button>
      }
    />
  );
}

/** So that the first run in the editor has what the workflow needs. */
async function keepSample(workflowId: string, sample: unknown): Promise<void> {
  const { keepTriggerData } = await import("@/features/running");
  keepTriggerData(workflowId, { trigger: null, text: JSON.stringify(sample, null, 2) });
}
