/** What starts one workflow: webhooks, schedules, forms, events; and why it ran, or did not. */
import { Alert, Badge, Container, Skeleton, Tabs } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import {
  IconBroadcast,
  IconCalendarTime,
  IconForms,
  IconInfoCircle,
  IconListSearch,
  IconWebhook,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { workflowQuery } from "@/shared/api/workflow";
import { Decisions } from "../decisions/decisions";
import { Forms } from "../forms/forms";
import { Listeners } from "../listeners/listeners";
import { Schedules } from "../schedules/schedules";
import type { TriggersSearch, TriggerTab } from "../search";
import { useTriggerCounts } from "../use-trigger-counts";
import { Webhooks } from "../webhooks/webhooks";

interface Props {
  workflowId: string;
  search: TriggersSearch;
  onSearch: (search: TriggersSearch) => void;
  executionHref: (executionId: string) => string;
}

const TABS = [
  { value: "webhooks", label: "Webhooks", icon: IconWebhook },
  { value: "schedules", label: "Schedules", icon: IconCalendarTime },
  { value: "forms", label: "Forms", icon: IconForms },
  { value: "listeners", label: "Events", icon: IconBroadcast },
  { value: "log", label: "Why did it (not) run?", icon: IconListSearch },
] as const satisfies readonly { value: TriggerTab; [more: string]: unknown }[];

export function TriggersPage({ workflowId, search, onSearch, executionHref }: Props) {
  const { data } = useQuery(workflowQuery(workflowId));
  useDocumentTitle(`Triggers of ${data?.data.name ?? "a workflow"} · Wingbeat`);
  const mine = data?.data.my_permissions ?? [];
  const { counts, first } = useTriggerCounts(workflowId);
  const shared = { workflowId, executionHref, editable: mine.includes("edit") };
  return (
    <Container size={1320} px={{ base: "md", sm: "xl" }} py="lg" w="100%">
      {data && <NotRunning published={data.data.status === "published"} enabled={data.data.enabled} />}
      <Tabs
        value={search.tab ?? first}
        onChange={(tab) => tab !== null && onSearch({ tab: tab as TriggerTab })}
        keepMounted={false}
      >
        <Tabs.List mb="lg">
          {TABS.map((one) => (
            <Tabs.Tab
              key={one.value}
              value={one.value}
              leftSection={<one.icon size={16} aria-hidden="true" />}
              rightSection={<Count of={counts[one.value] ?? 0} />}
            >
              {one.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {search.tab === undefined && first === null && <Skeleton height={92} radius="md" />}
        <Tabs.Panel value="webhooks">
          <Webhooks {...shared} />
        </Tabs.Panel>
        <Tabs.Panel value="schedules">
          <Schedules {...shared} runnable={mine.includes("execute")} />
        </Tabs.Panel>
        <Tabs.Panel value="forms">
          <Forms workflowId={workflowId} editable={shared.editable} />
        </Tabs.Panel>
        <Tabs.Panel value="listeners">
          <Listeners workflowId={workflowId} executionHref={executionHref} />
        </Tabs.Panel>
        <Tabs.Panel value="log">
          <Decisions
            workflowId={workflowId}
            search={search}
            onSearch={onSearch}
            executionHref={executionHref}
          />
        </Tabs.Panel>
      </Tabs>
    </Container>
  );
}

function Count({ of }: { of: number }) {
  if (of === 0) return null;
  return (
    <Badge size="sm" variant="default" circle={of < 10}>
      {of}
    </Badge>
  );
}

function NotRunning({ published, enabled }: { published: boolean; enabled: boolean }) {
  if (published && enabled) return null;
  return (
    <Alert color="yellow" icon={<IconInfoCircle aria-hidden="true" />} mb="lg">
      {published
        ? "The workflow is switched off: nothing here starts it until it is enabled."
        : "The workflow is not published: nothing here starts it until it is."}
    </Alert>
  );
}
