/** The start page: how everything does. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { DashboardPage } from "@/features/dashboard/pages/dashboard";
import { links } from "./links";

export function HomePage() {
  const search = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  return <DashboardPage search={search} onSearch={(chosen) => navigate({ search: chosen })} links={links} />;
}
