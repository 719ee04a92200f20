/** How answers are kept: fresh for a few seconds, asked again when the page comes back or the network does. */
import { type Query, QueryClient } from "@tanstack/react-query";
import { ApiError, isForNow } from "./errors";
import { onReturn } from "./reach";

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

// What another try may mend: no answer, too many requests, or a server in trouble. One that takes a minute to say nothing
// is asked once more.
function worthRetrying(failures: number, error: Error): boolean {
  if (!isForNow(error)) return false;
  return failures < ((error as ApiError).code === "NO_ANSWER_IN_TIME" ? 1 : 3);
}

function pauseBefore(failures: number, error: Error): number {
  const told = error instanceof ApiError ? error.details.retry_after_seconds : undefined;
  if (typeof told === "number") return Math.min(told * 1_000, LONGEST_PAUSE_MS);
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
}

export function createQueryClient(): QueryClient {
  const queries = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 300_000,
        retry: worthRetrying,
        retryDelay: pauseBefore,
        refetchOnWindowFocus: true,
        refetchOnReconnect: true,
        // The server may be on this machine, where a browser without a network reaches it all the same.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
  onReturn(
    () =>
      void queries.refetchQueries({
        type: "active",
        predicate: (query: Query) => query.state.error !== null,
      }),
  );
  return queries;
}
