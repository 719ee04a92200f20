/** How answers are kept: fresh for a few seconds, asked again when the page comes back or the network does. */
import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

// What another try may mend: no answer, too many requests, or a server in trouble.
function worthRetrying(failures: number, error: Error): boolean {
  if (!(error instanceof ApiError)) return false;
  return failures < 3 && (error.status === 0 || error.status === 429 || error.status >= 502);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, gcTime: 300_000, retry: worthRetrying, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}
