/** What of the page about people is in its address. */
export function readPeopleSearch(search: Record<string, unknown>): { tab?: "communities" } {
  return search.tab === "communities" ? { tab: "communities" } : {};
}
