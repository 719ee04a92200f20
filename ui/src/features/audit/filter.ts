/** Which entries of the log are shown; it is in the page's address. Pure. */

export const CATEGORIES = [
  { value: "AUTH", label: "Signing in" },
  { value: "AUTHZ", label: "Refusals" },
  { value: "AUDIT", label: "Changes" },
  { value: "ERROR", label: "Errors" },
  { value: "SYSTEM", label: "System" },
] as const;

type Category = (typeof CATEGORIES)[number]["value"];

export interface AuditFilter {
  category?: Category;
  actor?: string;
  action?: string;
  object_type?: string;
  since?: string;
  result?: string;
}

export const SPANS = [
  { value: "1", label: "Last hour", hours: 1 },
  { value: "24", label: "Last day", hours: 24 },
  { value: "168", label: "Last week", hours: 168 },
] as const;

export interface AuditSearch extends Omit<AuditFilter, "since"> {
  /** Of the last so many hours. */
  hours?: string;
}

/** Reads what there is in an address, and leaves out what makes no sense. */
export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const category = CATEGORIES.find((one) => one.value === search.category)?.value;
  const hours = SPANS.find((one) => one.value === String(search.hours))?.value;
  return {
    ...(category ? { category } : {}),
    ...(hours ? { hours } : {}),
    ...textOf(search, "actor"),
    ...textOf(search, "action"),
    ...textOf(search, "object_type"),
    ...textOf(search, "result"),
  };
}

function textOf(search: Record<string, unknown>, name: "actor" | "action" | "object_type" | "result") {
  const value = search[name];
  return typeof value === "string" && value.trim() !== "" ? { [name]: value.trim() } : {};
}

/** What is asked of the server. */
export function filterOf({ hours, ...rest }: AuditSearch, now: Date): AuditFilter {
  if (!hours) return rest;
  // To the minute, so that the same question has the same answer for a while.
  const minute = Math.floor(now.getTime() / 60_000) * 60_000;
  return { ...rest, since: new Date(minute - Number(hours) * 3_600_000).toISOString() };
}
