import type { Connection } from "./workflow";

/** What is wrong with a workflow, as the server says it and as the editor shows it. */
export interface Problem {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly fix?: string;
  readonly node?: string | null;
  /** The dotted path of the parameter at fault, as `cases.0.when`. */
  readonly parameter?: string | null;
  /** The offset of the first character at fault in it, from 0. */
  readonly position?: number | null;
  /** The connection that is at fault, or whose removal would mend it. */
  readonly connection?: Connection | null;
}

const NONE: readonly Problem[] = [];
const grouped = new WeakMap<readonly Problem[], ReadonlyMap<string, readonly Problem[]>>();

/** The problems of one node; the same array for the same problems. */
export function problemsOf(problems: readonly Problem[], node: string): readonly Problem[] {
  let byNode = grouped.get(problems);
  if (byNode === undefined) {
    byNode = groupByNode(problems);
    grouped.set(problems, byNode);
  }
  return byNode.get(node) ?? NONE;
}

function groupByNode(problems: readonly Problem[]): Map<string, readonly Problem[]> {
  const byNode = new Map<string, Problem[]>();
  for (const problem of problems) {
    const id = problem.node ?? "";
    const found = byNode.get(id);
    if (found) found.push(problem);
    else byNode.set(id, [problem]);
  }
  return new Map(byNode);
}

/**
 * The new problems, as the very objects and lists that they were before where they are the same: what is drawn by them is
 * not drawn again.
 */
export function settle(before: readonly Problem[], after: readonly Problem[]): readonly Problem[] {
  const known = new Map(before.map((problem) => [JSON.stringify(problem), problem]));
  const settled = after.map((problem) => known.get(JSON.stringify(problem)) ?? problem);
  if (sameItems(before, settled)) return before;
  const byNode = groupByNode(settled);
  for (const [node, found] of byNode) {
    const old = problemsOf(before, node);
    if (sameItems(old, found)) byNode.set(node, old);
  }
  grouped.set(settled, byNode);
  return settled;
}

function sameItems(one: readonly Problem[], other: readonly Problem[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

export function countProblems(problems: readonly Problem[]): { errors: number; warnings: number } {
  const errors = problems.filter((problem) => problem.severity === "error").length;
  return { errors, warnings: problems.length - errors };
}
