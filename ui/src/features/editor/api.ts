/** What the editor asks the server. */
import { queryOptions } from "@tanstack/react-query";
import type { NodeType, NodeTypes } from "@/graph/node-type";
import type { Problem } from "@/graph/problems";
import type { Workflow } from "@/graph/workflow";
import { call, callTagged, client } from "@/shared/api/client";
import { ApiError } from "@/shared/api/errors";
import { toDefinition } from "./definition";

export { nodeTypesQuery } from "@/shared/api/node-types";

/** Those of connectors are asked for by name: there may be thousands. What there is none of stays unknown. */
export function furtherTypesQuery(names: readonly string[]) {
  return queryOptions({
    queryKey: ["node-types", "by-name", names],
    queryFn: async (): Promise<NodeTypes> => {
      const found = await Promise.all(names.map(readType));
      return new Map(found.filter((type) => type !== null).map((type) => [type.type, type]));
    },
    staleTime: 60_000,
  });
}

const PREFIXES = ["api.", "mcp."];

/** The steps that other systems give; none where no system was taken in. They come after the drawing is there. */
export const connectorTypesQuery = queryOptions({
  queryKey: ["node-types", "of-connectors"],
  queryFn: async ({ signal }): Promise<readonly NodeType[]> => {
    const connectors = await call(client.GET("/api/v1/connectors", { signal }));
    if (connectors.length === 0) return [];
    const found = await Promise.all(
      PREFIXES.map((prefix) =>
        call(client.GET("/api/v1/node-types", { params: { query: { prefix } }, signal })),
      ),
    );
    return found.flat() as NodeType[];
  },
  staleTime: 60_000,
});

async function readType(name: string): Promise<NodeType | null> {
  try {
    const asked = client.GET("/api/v1/node-types/{name}", { params: { path: { name } } });
    return (await call(asked)) as NodeType;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/** Saves the next revision of a workflow of which `revision` is the last that is known. @throws ApiError */
export function saveWorkflow(workflowId: string, revision: number, workflow: Workflow) {
  return callTagged(
    client.PUT("/api/v1/workflows/{workflow_id}", {
      params: { path: { workflow_id: workflowId }, header: { "If-Match": `"${revision}"` } },
      body: toDefinition(workflow),
    }),
  );
}

/** Makes a revision the one that runs, and says what has changed with it, where somebody does. @throws ApiError */
export function publishWorkflow(workflowId: string, revision: number, message: string) {
  return call(
    client.POST("/api/v1/workflows/{workflow_id}/publish", {
      params: { path: { workflow_id: workflowId }, header: { "If-Match": `"${revision}"` } },
      body: message === "" ? {} : { message },
    }),
  );
}

/** Says what has changed with a revision. @throws ApiError */
export function describeRevision(workflowId: string, revision: number, message: string) {
  return call(
    client.PATCH("/api/v1/workflows/{workflow_id}/versions/{revision}", {
      params: { path: { workflow_id: workflowId, revision } },
      body: { message },
    }),
  );
}

/** All that is wrong with a definition. @throws ApiError */
export async function validateWorkflow(workflow: Workflow, signal: AbortSignal): Promise<readonly Problem[]> {
  const { problems } = await call(
    client.POST("/api/v1/workflows/validate", { body: { ...toDefinition(workflow) }, signal }),
  );
  return problems;
}
