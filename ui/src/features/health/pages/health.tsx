import { Stack, Tabs, Text } from "@mantine/core";
import { IconAdjustments, IconHeartbeat } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Loaded } from "@/shared/ui/loaded";
import { Page } from "@/shared/ui/page";
import { statusQuery } from "../api";
import { Breakers } from "../breakers";
import { FigureCards } from "../figure-cards";
import { InstallationSettings } from "../installation-settings";
import { Problems } from "../problems";
import { readHealthSearch } from "../search";
import { Workers } from "../workers";

/** How the installation does, for those who look after it. It keeps itself up to date. */
export function HealthPage() {
  const { tab = "status" } = useSearch({ from: "/admin/health" });
  const navigate = useNavigate({ from: "/admin/health" });
  return (
    <Page title="Health" description="Workers, queue and database, as they are now.">
      <Tabs
        value={tab}
        onChange={(chosen) => navigate({ search: readHealthSearch({ tab: chosen }) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="status" leftSection={<IconHeartbeat size={16} aria-hidden="true" />}>
            Status
          </Tabs.Tab>
          <Tabs.Tab value="settings" leftSection={<IconAdjustments size={16} aria-hidden="true" />}>
            Settings
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="status">
          <StatusPanel />
        </Tabs.Panel>
        <Tabs.Panel value="settings">
          <InstallationSettings />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function StatusPanel() {
  const query = useQuery(statusQuery);
  return (
    <Loaded query={query} doing="ask how the installation does" lineHeight={110}>
      {(status) => (
        <Stack gap="lg">
          <Problems problems={status.problems} />
          <Breakers />
          <FigureCards status={status} />
          <Workers workers={status.workers} />
          <Text size="sm" c="dimmed">
            Wingbeat {status.version}, {status.workflows} workflows. This page refreshes itself.
          </Text>
        </Stack>
      )}
    </Loaded>
  );
}
