/** What of the page is in its address. */
const TABS = ["webhooks", "schedules", "forms", "listeners", "log"] as const;

export type TriggerTab = (typeof TABS)[number];

export interface TriggersSearch {
  tab?: TriggerTab;
  /** Of the log: only these outcomes, and only by this way. */
  outcome?: string[];
  kind?: string;
}

export function readTriggersSearch(search: Record<string, unknown>): TriggersSearch {
  const tab = TABS.find((one) => one === search.tab);
  const outcome = Array.isArray(search.outcome)
    ? search.outcome.map(String).filter((one) => one in OUTCOMES)
    : [];
  const kind = typeof search.kind === "string" && search.kind in KINDS ? search.kind : undefined;
  return {
    ...(tab ? { tab } : {}),
    ...(outcome.length > 0 ? { outcome } : {}),
    ...(kind ? { kind } : {}),
  };
}

/** What became of a time that something was to start a workflow. */
export const OUTCOMES: Readonly<Record<string, { label: string; color: string }>> = {
  fired: { label: "Ran", color: "teal" },
  coalesced: { label: "Ran with others", color: "teal" },
  missed: { label: "Missed", color: "orange" },
  limited: { label: "Limited", color: "yellow" },
  duplicate: { label: "Came before", color: "gray" },
  signature_wrong: { label: "Signature wrong", color: "red" },
  address_refused: { label: "Address refused", color: "red" },
  disabled: { label: "Switched off", color: "gray" },
  no_permission: { label: "Not allowed", color: "red" },
  invalid: { label: "Not usable", color: "red" },
  overflow: { label: "Dropped", color: "red" },
};

/** The ways in which workflows are started. */
export const KINDS: Readonly<Record<string, string>> = {
  manual: "By hand",
  api: "Over the API",
  webhook: "Webhook",
  schedule: "Schedule",
  event: "Event",
  command: "Command",
  form: "Form",
};
