/** What of the health page is in its address. */
export function readHealthSearch(search: Record<string, unknown>): { tab?: "settings" } {
  return search.tab === "settings" ? { tab: "settings" } : {};
}
