/** The route that all others are below. */
import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext } from "@tanstack/react-router";
import { Shell } from "./shell/shell";

interface Context {
  queryClient: QueryClient;
}

export const root = createRootRouteWithContext<Context>()({ component: Shell });
