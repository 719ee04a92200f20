/** The places that the bar at the left leads to, in its order. */
import {
  type Icon,
  IconHeartbeat,
  IconInbox,
  IconLayoutDashboard,
  IconListDetails,
  IconListSearch,
  IconPlugConnected,
  IconSitemap,
  IconTemplate,
  IconUsers,
} from "@tabler/icons-react";
import { useInboxCount } from "@/features/inbox";

export interface Place {
  to: string;
  label: string;
  icon: Icon;
  /** Only for those who look after the installation, or also for those who look after a community. */
  only?: "administrators" | "community administrators";
  /** How much waits there for the person who looks. */
  useCount?: () => number;
}

export const PLACES: readonly Place[] = [
  { to: "/", label: "Dashboard", icon: IconLayoutDashboard },
  { to: "/workflows", label: "Workflows", icon: IconSitemap },
  { to: "/templates", label: "Templates", icon: IconTemplate },
  { to: "/executions", label: "Executions", icon: IconListDetails },
  { to: "/inbox", label: "Inbox", icon: IconInbox, useCount: useInboxCount },
  { to: "/connections", label: "Connections", icon: IconPlugConnected },
  { to: "/admin/people", label: "People", icon: IconUsers },
  { to: "/admin/audit", label: "Audit log", icon: IconListSearch, only: "community administrators" },
  { to: "/admin/health", label: "Health", icon: IconHeartbeat, only: "administrators" },
];
