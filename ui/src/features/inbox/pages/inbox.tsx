import { Tabs } from "@mantine/core";
import { IconBell, IconChecklist, IconClipboardCheck, IconHistory } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Page } from "@/shared/ui/page";
import { DecidedApprovals, OpenApprovals } from "../approvals";
import { Notifications } from "../notifications";
import { type InboxTab, readInboxSearch } from "../search";
import { OpenTasks } from "../tasks";

const TABS = [
  { value: "approvals", label: "Approvals", icon: IconChecklist, panel: OpenApprovals },
  { value: "tasks", label: "Tasks", icon: IconClipboardCheck, panel: OpenTasks },
  { value: "notifications", label: "Notifications", icon: IconBell, panel: Notifications },
  { value: "decided", label: "Decided", icon: IconHistory, panel: DecidedApprovals },
] as const satisfies readonly { value: InboxTab; [more: string]: unknown }[];

/** What waits for the person who looks. */
export function InboxPage() {
  const { tab = "approvals" } = useSearch({ from: "/inbox" });
  const navigate = useNavigate({ from: "/inbox" });
  return (
    <Page title="Inbox" description="What workflows ask of you, and what they tell you." width="narrow">
      <Tabs
        value={tab}
        onChange={(chosen) => navigate({ search: readInboxSearch({ tab: chosen }) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          {TABS.map((one) => (
            <Tabs.Tab
              key={one.value}
              value={one.value}
              leftSection={<one.icon size={16} aria-hidden="true" />}
            >
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {TABS.map((one) => (
          <Tabs.Panel key={one.value} value={one.value}>
            <one.panel />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}
