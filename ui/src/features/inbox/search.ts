/** What of the inbox is in its address. */
const TABS = ["approvals", "tasks", "notifications", "decided"] as const;

export type InboxTab = (typeof TABS)[number];

/** Reads the tab; anything else is the first. */
export function readInboxSearch(search: Record<string, unknown>): { tab?: InboxTab } {
  const tab = TABS.find((one) => one === search.tab);
  return tab ? { tab } : {};
}
