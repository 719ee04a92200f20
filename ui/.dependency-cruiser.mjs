/** Who may import whom: app > features > shared > graph. Features do not know each other. */
export default {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "features-are-strangers",
      comment: "What needs two features is put together in app/.",
      severity: "error",
      from: { path: "^src/features/([^/]+)/" },
      to: { path: "^src/features/([^/]+)/", pathNot: "^src/features/$1/" },
    },
    {
      name: "features-by-their-front-door",
      comment: "app/ imports a feature by its index.ts or one of its pages/.",
      severity: "error",
      from: { path: "^src/app/" },
      to: { path: "^src/features/[^/]+/", pathNot: "^src/features/[^/]+/(index\\.tsx?|pages/[^/]+)$" },
    },
    {
      name: "only-app-knows-app",
      severity: "error",
      from: { pathNot: "^src/app/" },
      to: { path: "^src/app/" },
    },
    {
      name: "shared-knows-no-feature",
      severity: "error",
      from: { path: "^src/shared/" },
      to: { path: "^src/features/" },
    },
    {
      name: "markdown-in-one-place",
      comment:
        "Text of users is drawn by shared/ui/markdown.tsx: without markup, without pictures, with web links only.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/shared/ui/markdown\\.tsx$" },
      to: { path: "node_modules/react-markdown" },
    },
    {
      name: "the-graph-is-pure",
      comment: "No React, no DOM library, nothing of the rest of the app.",
      severity: "error",
      from: { path: "^src/graph/", pathNot: "\\.test\\.ts$" },
      to: { pathNot: "^src/graph/" },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: ["\\.d\\.ts$", "main\\.tsx$", "\\.test\\.tsx?$"] },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "browser", "default"],
    },
  },
};
