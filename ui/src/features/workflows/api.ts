/** Workflows as the server has them: lists, and what is done to one or to many. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import { DEFAULT_SORT, type WorkflowsSearch } from "./search";

export type WorkflowLine = components["schemas"]["WorkflowLineShape"];
export type Imported = components["schemas"]["ImportedShape"];
export type BulkChange = Omit<components["schemas"]["ChangeManyBody"], "ids">;
type About = components["schemas"]["OrganiseBody"];

export const KEY = "workflows";
export const PER_PAGE = 25;
const ANY = { "If-Match": "*" };

export function listQuery({ sort = DEFAULT_SORT, page = 1, ...filters }: WorkflowsSearch) {
  return queryOptions({
    queryKey: [KEY, "list", sort, page, filters],
    placeholderData: keepPreviousData,
    refetchInterval: 20_000,
    queryFn: ({ signal }) =>
      callPage(
        client.GET("/api/v1/workflows", {
          params: { query: { ...filters, sort, page, per_page: PER_PAGE } },
          signal,
        }),
      ),
  });
}

export const tagsQuery = queryOptions({
  queryKey: [KEY, "tags"],
  queryFn: () => call(client.GET("/api/v1/workflows/tags")),
});

export const foldersQuery = queryOptions({
  queryKey: [KEY, "folders"],
  queryFn: () => call(client.GET("/api/v1/workflows/folders")),
});

/** What all changes have in common: afterwards, the lists are read anew. */
function useChange<Given, Answer>(change: (given: Given) => Promise<Answer>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => {
      void queries.invalidateQueries({ queryKey: [KEY] });
      void queries.invalidateQueries({ queryKey: ["workflow"] });
    },
  });
}

export function useOrganise() {
  return useChange(({ id, about }: { id: string; about: About }) =>
    call(
      client.PATCH("/api/v1/workflows/{workflow_id}", {
        params: { path: { workflow_id: id }, header: ANY },
        body: about,
      }),
    ),
  );
}

export function useBulk() {
  return useChange(({ ids, change }: { ids: readonly string[]; change: BulkChange }) =>
    call(client.POST("/api/v1/workflows/bulk", { body: { ...change, ids: [...ids] } })),
  );
}

export function useCreate() {
  return useChange(({ name, folder }: { name: string; folder: string }) =>
    call(client.POST("/api/v1/workflows", { body: { name, nodes: [], folder } })),
  );
}

export function useDuplicate() {
  return useChange((id: string) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/duplicate", {
        params: { path: { workflow_id: id } },
        body: {},
      }),
    ),
  );
}

export function useExecute() {
  return useChange((id: string) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/execute", {
        params: { path: { workflow_id: id } },
        body: {},
      }),
    ),
  );
}

export function useImport() {
  return useChange(({ file, folder }: { file: object; folder: string }) =>
    call(
      client.POST("/api/v1/workflows/import", {
        params: { query: { folder } },
        body: file as components["schemas"]["ImportBody"],
      }),
    ),
  );
}

/** The file of a workflow, as text, and what to call it. @throws ApiError */
export async function readFile(id: string): Promise<{ name: string; text: string }> {
  const asked = client.GET("/api/v1/workflows/{workflow_id}/export", {
    params: { path: { workflow_id: id } },
  });
  const { response } = await asked;
  const file = await callPage(asked);
  const name = /filename="([^"]+)"/.exec(response.headers.get("Content-Disposition") ?? "")?.[1];
  return { name: name ?? "workflow.json", text: `${JSON.stringify(file, null, 2)}\n` };
}
