/** Workflows to begin with, as the server has them. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import type { Values } from "./values";

export type TemplateHeader = components["schemas"]["TemplateHeaderShape"];
export type Template = components["schemas"]["TemplateShape"];
export type Variable = components["schemas"]["TemplateVariableShape"];

const FOREVER = { staleTime: Number.POSITIVE_INFINITY };

export const templatesQuery = queryOptions({
  queryKey: ["templates"],
  ...FOREVER,
  queryFn: ({ signal }) => call(client.GET("/api/v1/templates", { signal })),
});

export function templateQuery(templateId: string) {
  return queryOptions({
    queryKey: ["templates", templateId],
    ...FOREVER,
    queryFn: ({ signal }) =>
      call(
        client.GET("/api/v1/templates/{template_id}", {
          params: { path: { template_id: templateId } },
          signal,
        }),
      ),
  });
}

/** The connections of a kind, to choose one from. */
export function connectionsQuery(kind: string) {
  return queryOptions({
    queryKey: ["templates", "connections", kind],
    queryFn: async () => {
      const found = await call(client.GET("/api/v1/connections", { params: { query: { per_page: 100 } } }));
      return found.filter((one) => one.kind === kind);
    },
  });
}

interface Creating {
  templateId: string;
  name: string;
  variables: Values;
}

export function useCreate() {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: ({ templateId, name, variables }: Creating) =>
      call(
        client.POST("/api/v1/workflows/from-template", {
          body: { template_id: templateId, name, variables: { ...variables } },
        }),
      ),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: ["workflows"] }),
  });
}
