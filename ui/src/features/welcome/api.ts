/** Whether there is anything yet, and a first workflow that is made and run in one go. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, callPage, client } from "@/shared/api/client";

/** Whether the person who looks can see no workflow at all. */
export const nothingThere = queryOptions({
  queryKey: ["workflows", "any"],
  staleTime: 60_000,
  queryFn: async () => {
    const page = await callPage(
      client.GET("/api/v1/workflows", { params: { query: { per_page: 1, status: "all" } } }),
    );
    return page.data.length === 0;
  },
});

export interface FirstRun {
  workflowId: string;
  executionId: string;
  status: string;
  output: unknown;
}

/** Makes a workflow of a template, publishes it, and runs it with the template's sample, for whoever looks. */
export function useRunSample(templateId: string, me: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: () => runSample(templateId, me),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["workflows"], refetchType: "none" }),
  });
}

/** A sample for somebody, made out to whoever looks. */
function addressed(sample: unknown, me: string): unknown {
  return typeof sample === "object" && sample !== null && "name" in sample ? { ...sample, name: me } : sample;
}

async function runSample(templateId: string, me: string): Promise<FirstRun> {
  const template = await call(
    client.GET("/api/v1/templates/{template_id}", { params: { path: { template_id: templateId } } }),
  );
  const made = await call(
    client.POST("/api/v1/workflows/from-template", {
      body: { template_id: templateId, name: template.name, variables: {} },
    }),
  );
  const path = { workflow_id: made.workflow_id };
  await call(client.POST("/api/v1/workflows/{workflow_id}/publish", { params: { path } }));
  const ran = await call(
    client.POST("/api/v1/workflows/{workflow_id}/execute", {
      params: { path, query: { wait: 10 } },
      body: { trigger_data: addressed(template.sample, me) },
    }),
  );
  return {
    workflowId: made.workflow_id,
    executionId: ran.execution_id,
    status: ran.status,
    output: "final_output" in ran ? ran.final_output : null,
  };
}
