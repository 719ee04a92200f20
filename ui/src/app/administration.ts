/** The pages about what workflows use, about people, and about the installation. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { readConnectionsSearch } from "@/features/connections";
import { root } from "./root-route";

const connections = createRoute({
  getParentRoute: () => root,
  path: "/connections",
  validateSearch: readConnectionsSearch,
  component: lazyRouteComponent(() => import("@/features/connections/pages/connections"), "ConnectionsPage"),
});

export const administration = [connections] as const;
