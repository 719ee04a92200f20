/** The pages about what workflows use, about people, and about the installation. */
import { createRoute } from "@tanstack/react-router";
import { readAuditSearch } from "@/features/audit";
import { readConnectionsSearch } from "@/features/connections";
import { readHealthSearch } from "@/features/health";
import { readPeopleSearch } from "@/features/people";
import { lazyPage } from "./lazy-page";
import { root } from "./root-route";
import { strictly } from "./strictly";

const connections = createRoute({
  getParentRoute: () => root,
  path: "/connections",
  validateSearch: strictly(readConnectionsSearch),
  component: lazyPage(() => import("./connections"), "Connections"),
});
const tokens = createRoute({
  getParentRoute: () => root,
  path: "/settings/tokens",
  component: lazyPage(() => import("@/features/tokens/pages/tokens"), "TokensPage"),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyPage(() => import("@/features/settings/pages/settings"), "SettingsPage"),
});
const people = createRoute({
  getParentRoute: () => root,
  path: "/admin/people",
  validateSearch: strictly(readPeopleSearch),
  component: lazyPage(() => import("@/features/people/pages/people"), "PeoplePage"),
});
const audit = createRoute({
  getParentRoute: () => root,
  path: "/admin/audit",
  validateSearch: strictly(readAuditSearch),
  component: lazyPage(() => import("./audit"), "Audit"),
});
const status = createRoute({
  getParentRoute: () => root,
  path: "/admin/health",
  validateSearch: strictly(readHealthSearch),
  component: lazyPage(() => import("@/features/health/pages/health"), "HealthPage"),
});

export const administration = [connections, tokens, settings, people, audit, status] as const;
