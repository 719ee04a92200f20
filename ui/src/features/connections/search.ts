/** What of the list of connections is in its address. */
export function readConnectionsSearch(search: Record<string, unknown>): { kind?: string } {
  return typeof search.kind === "string" && search.kind !== "" ? { kind: search.kind } : {};
}
