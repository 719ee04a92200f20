import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "./error-state";

interface Props<Data> {
  query: UseQueryResult<Data>;
  /** As "load the approvals". */
  doing: string;
  /** How high each of the lines is that stand for what comes. */
  lineHeight?: number;
  children: (data: Data) => ReactNode;
}

/** What is loading, could not be loaded, or is there. */
export function Loaded<Data>({ query, doing, lineHeight = 92, children }: Props<Data>) {
  if (query.isPending) {
    return (
      <Stack gap="sm" role="status" aria-busy="true" aria-label="Loading">
        {[0, 1, 2].map((line) => (
          <Skeleton key={line} height={lineHeight} radius="md" />
        ))}
      </Stack>
    );
  }
  if (query.isError) return <ErrorState error={query.error} doing={doing} retry={() => query.refetch()} />;
  return children(query.data);
}
