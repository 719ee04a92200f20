/** What of the list of workflows is in its address: what is looked for, in which order, and which page. */
const STATUSES = ["draft", "published", "archived"] as const;
const SORTS = ["-updated_at", "name", "-name", "-last_run", "-created_at"] as const;

export type StatusFilter = (typeof STATUSES)[number];
export type Sort = (typeof SORTS)[number];

export interface WorkflowsSearch {
  q?: string;
  status?: StatusFilter;
  tag?: string;
  folder?: string;
  enabled?: boolean;
  mine?: boolean;
  sort?: Sort;
  page?: number;
}

export const DEFAULT_SORT: Sort = "-updated_at";

/** Reads an address; what is no such thing is left out. */
export function readWorkflowsSearch(search: Record<string, unknown>): WorkflowsSearch {
  const { q, tag, folder, enabled, mine, page } = search;
  const status = STATUSES.find((one) => one === search.status);
  const sort = SORTS.find((one) => one === search.sort);
  return {
    ...(text(q) && { q: text(q) }),
    ...(status && { status }),
    ...(text(tag) && { tag: text(tag) }),
    ...(text(folder) && { folder: text(folder) }),
    ...(typeof enabled === "boolean" && { enabled }),
    ...(mine === true && { mine }),
    ...(sort && sort !== DEFAULT_SORT && { sort }),
    ...(typeof page === "number" && Number.isInteger(page) && page > 1 && { page }),
  };
}

// A tag that is a number is read as one.
function text(value: unknown): string {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value.slice(0, 200) : "";
}

/** Whether anything is looked for, so that an empty list is no empty place. */
export function isFiltered({ sort: _sort, page: _page, ...filters }: WorkflowsSearch): boolean {
  return Object.keys(filters).length > 0;
}

/** Another filter begins at the first page again. */
export function withFilter(search: WorkflowsSearch, change: Partial<WorkflowsSearch>): WorkflowsSearch {
  const { page: _page, ...kept } = search;
  const changed = { ...kept, ...change };
  return Object.fromEntries(
    Object.entries(changed).filter(([, value]) => value !== undefined && value !== ""),
  );
}
