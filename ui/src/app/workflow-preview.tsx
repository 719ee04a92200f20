/** A workflow as it would be drawn, where only its definition is there. */
import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Workflow } from "@/graph/workflow";
import { nodeTypesQuery } from "@/shared/api/node-types";
import type { components } from "@/shared/api/schema";
import { GraphView } from "@/shared/graph-view";
import { ErrorState } from "@/shared/ui/error-state";

interface Props {
  definition: components["schemas"]["DefinitionBody"];
}

export function WorkflowPreview({ definition }: Props) {
  const query = useQuery(nodeTypesQuery);
  if (query.isPending) return <Skeleton height="100%" radius={0} />;
  if (query.isError)
    return <ErrorState error={query.error} doing="draw the workflow" retry={query.refetch} />;
  return (
    <GraphView
      workflow={definition as unknown as Workflow}
      nodeTypes={query.data}
      label={`The workflow ${definition.name}`}
      preview
    />
  );
}
