import { Tabs } from "@mantine/core";
import { IconUser, IconUsersGroup } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useSession } from "@/shared/api/session";
import { Page } from "@/shared/ui/page";
import { Communities } from "../communities";
import { readPeopleSearch } from "../search";
import { Users } from "../users";

/** Who there is. Accounts are the business of administrators; communities are of all who belong to one. */
export function PeoplePage() {
  const administrator = useSession((session) => session.user?.is_admin ?? false);
  const { tab = "users" } = useSearch({ from: "/admin/people" });
  const navigate = useNavigate({ from: "/admin/people" });
  if (!administrator) {
    return (
      <Page title="Communities" description="Whom you share workflows and connections with.">
        <Communities />
      </Page>
    );
  }
  return (
    <Page title="People" description="Who may sign in, and what they have in common.">
      <Tabs
        value={tab}
        onChange={(chosen) => navigate({ search: readPeopleSearch({ tab: chosen }) })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="users" leftSection={<IconUser size={16} aria-hidden="true" />}>
            Users
          </Tabs.Tab>
          <Tabs.Tab value="communities" leftSection={<IconUsersGroup size={16} aria-hidden="true" />}>
            Communities
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="users">
          <Users />
        </Tabs.Panel>
        <Tabs.Panel value="communities">
          <Communities />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
