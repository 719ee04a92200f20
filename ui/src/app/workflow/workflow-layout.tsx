/** What all pages of one workflow have above them: its name, the tabs, and what the page at hand can do. */
import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, Outlet, useParams } from "@tanstack/react-router";
import { PeopleHere } from "@/features/presence";
import { workflowQuery } from "@/shared/api/workflow";
import { HeaderSlots } from "@/shared/ui/header-slot";
import { WORKFLOW_TABS } from "./tabs";
import styles from "./workflow-layout.module.css";

export function WorkflowLayout() {
  const { workflowId } = useParams({ strict: false });
  return (
    <HeaderSlots>
      {(slots) => (
        <div className={styles.layout}>
          <header className={styles.header} data-part>
            <Tooltip label="All workflows">
              <ActionIcon component="a" href="/workflows" size={34} aria-label="All workflows">
                <IconArrowLeft size={19} />
              </ActionIcon>
            </Tooltip>
            <div ref={slots.title} className={styles.title} />
            <WorkflowName workflowId={workflowId ?? ""} />
            <Tabs workflowId={workflowId ?? ""} />
            <div className={styles.end}>
              <PeopleHere workflowId={workflowId ?? ""} />
              <div ref={slots.actions} className={styles.actions} />
            </div>
          </header>
          <div className={styles.content}>
            <Outlet />
          </div>
        </div>
      )}
    </HeaderSlots>
  );
}

/** Where the page at hand has no title of its own. */
function WorkflowName({ workflowId }: { workflowId: string }) {
  const { data } = useQuery(workflowQuery(workflowId));
  return <h1 className={styles.name}>{data?.data.name ?? " "}</h1>;
}

function Tabs({ workflowId }: { workflowId: string }) {
  return (
    <nav className={styles.tabs} aria-label="Pages of this workflow">
      {WORKFLOW_TABS.map((tab) => (
        <Link
          key={tab.to}
          to={tab.to}
          params={{ workflowId }}
          className={styles.tab}
          activeOptions={{ exact: tab.to === "/workflows/$workflowId", includeSearch: false }}
          activeProps={{ "data-active": true, "aria-current": "page" }}
        >
          {tab.label}
        </Link>
      ))}
    </nav>
  );
}
