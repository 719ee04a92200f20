import { Skeleton, Stack } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ErrorState } from "@/shared/ui/error-state";

interface Props<Data> {
  query: UseQueryResult<Data>;
  /** As "load the webhooks". */
  doing: string;
  children: (data: Data) => ReactNode;
}

/** A list that is loading, could not be loaded, or is there. */
export function Loaded<Data>({ query, doing, children }: Props<Data>) {
  if (query.isPending) {
    return (
      <Stack gap="sm" aria-busy="true" aria-label="Loading">
        {[0, 1].map((line) => (
          <Skeleton key={line} height={104} radius="md" />
        ))}
      </Stack>
    );
  }
  if (query.isError) return <ErrorState error={query.error} doing={doing} retry={() => query.refetch()} />;
  return children(query.data);
}
