/** All pages, by their addresses. Each feature's pages are loaded when they are first shown. */
import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter } from "@tanstack/react-router";
import { readDashboardSearch } from "@/features/dashboard";
import { readExecutionSearch, readExecutionsSearch } from "@/features/executions";
import { readInboxSearch } from "@/features/inbox";
import { readGallerySearch } from "@/features/templates";
import { readTriggersSearch } from "@/features/triggers";
import { readVersionsSearch } from "@/features/versions";
import { readWorkflowsSearch } from "@/features/workflows";
import { nodeTypesQuery } from "@/shared/api/node-types";
import { workflowQuery } from "@/shared/api/workflow";
import { administration } from "./administration";
import { lazyPage } from "./lazy-page";
import { root } from "./root-route";
import { NotFoundPage, PageError } from "./shell/failures";
import { strictly } from "./strictly";
import { WorkflowLayout } from "./workflow/workflow-layout";

// Another page: createRoute({ getParentRoute: () => root, path: "/things",
//   component: lazyPage(() => import("@/features/things/pages/list"), "ThingsPage") })
const home = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: strictly(readDashboardSearch),
  component: lazyPage(() => import("./home"), "HomePage"),
});
const inbox = createRoute({
  getParentRoute: () => root,
  path: "/inbox",
  validateSearch: strictly(readInboxSearch),
  component: lazyPage(() => import("@/features/inbox/pages/inbox"), "InboxPage"),
});

const templates = createRoute({
  getParentRoute: () => root,
  path: "/templates",
  validateSearch: strictly(readGallerySearch),
  component: lazyPage(() => import("./templates/gallery"), "Gallery"),
});
const template = createRoute({
  getParentRoute: () => root,
  path: "/templates/$templateId",
  component: lazyPage(() => import("./templates/template"), "Template"),
});
const workflows = createRoute({
  getParentRoute: () => root,
  path: "/workflows",
  validateSearch: strictly(readWorkflowsSearch),
  component: lazyPage(() => import("./workflows"), "Workflows"),
});

const executions = createRoute({
  getParentRoute: () => root,
  path: "/executions",
  validateSearch: strictly(readExecutionsSearch),
  component: lazyPage(() => import("./executions/list"), "Executions"),
});
const execution = createRoute({
  getParentRoute: () => root,
  path: "/executions/$executionId",
  validateSearch: strictly(readExecutionSearch),
  component: lazyPage(() => import("./executions/detail"), "Execution"),
});

// The pages of one workflow; each has its tab in workflow/tabs.ts.
const workflow = createRoute({
  getParentRoute: () => root,
  path: "/workflows/$workflowId",
  component: WorkflowLayout,
});
const editor = createRoute({
  getParentRoute: () => workflow,
  path: "/",
  // Asked for while the editor itself is loaded; it waits for both, and says so when they do not come.
  loader: ({ context: { queryClient }, params: { workflowId } }) => {
    void queryClient.prefetchQuery(workflowQuery(workflowId));
    void queryClient.prefetchQuery(nodeTypesQuery);
  },
  component: lazyPage(() => import("./workflow/editor"), "Editor"),
});

const versions = createRoute({
  getParentRoute: () => workflow,
  path: "/versions",
  validateSearch: strictly(readVersionsSearch),
  component: lazyPage(() => import("./workflow/versions"), "Versions"),
});
const workflowExecutions = createRoute({
  getParentRoute: () => workflow,
  path: "/executions",
  validateSearch: strictly(readExecutionsSearch),
  component: lazyPage(() => import("./workflow/executions"), "WorkflowExecutions"),
});
const triggers = createRoute({
  getParentRoute: () => workflow,
  path: "/triggers",
  validateSearch: strictly(readTriggersSearch),
  component: lazyPage(() => import("./workflow/triggers"), "Triggers"),
});

const permissions = createRoute({
  getParentRoute: () => workflow,
  path: "/permissions",
  component: lazyPage(() => import("@/features/people/pages/permissions"), "PermissionsPage"),
});

const tree = root.addChildren([
  home,
  inbox,
  workflows,
  templates,
  template,
  executions,
  execution,
  ...administration,
  workflow.addChildren([editor, workflowExecutions, triggers, versions, permissions]),
]);

export function createAppRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queryClient },
    defaultPreload: "intent",
    defaultErrorComponent: PageError,
    defaultNotFoundComponent: NotFoundPage,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createAppRouter>;
  }
}
