/** The pages about what workflows use, about people, and about the installation. */
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { readAuditSearch } from "@/features/audit";
import { readConnectionsSearch } from "@/features/connections";
import { readHealthSearch } from "@/features/health";
import { readPeopleSearch } from "@/features/people";
import { root } from "./root-route";

const connections = createRoute({
  getParentRoute: () => root,
  path: "/connections",
  validateSearch: readConnectionsSearch,
  component: lazyRouteComponent(() => import("@/features/connections/pages/connections"), "ConnectionsPage"),
});
const tokens = createRoute({
  getParentRoute: () => root,
  path: "/settings/tokens",
  component: lazyRouteComponent(() => import("@/features/tokens/pages/tokens"), "TokensPage"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("@/features/settings/pages/settings"), "SettingsPage"),
});
const people = createRoute({
  getParentRoute: () => root,
  path: "/admin/people",
  validateSearch: readPeopleSearch,
  component: lazyRouteComponent(() => import("@/features/people/pages/people"), "PeoplePage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/admin/audit",
  validateSearch: readAuditSearch,
  component: lazyRouteComponent(() => import("@/features/audit/pages/audit"), "AuditPage"),
});
const status = createRoute({
  getParentRoute: () => root,
  path: "/admin/health",
  validateSearch: readHealthSearch,
  component: lazyRouteComponent(() => import("@/features/health/pages/health"), "HealthPage"),
});

export const administration = [connections, tokens, settings, people, audit, status] as const;
