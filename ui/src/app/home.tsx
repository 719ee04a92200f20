/** The start page: how everything does; and how to begin, where nothing is. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { DashboardPage } from "@/features/dashboard/pages/dashboard";
import { nothingThere, Welcome } from "@/features/welcome";
import { links } from "./links";

export function HomePage() {
  const search = useSearch({ from: "/" });
  const navigate = useNavigate({ from: "/" });
  const { data: empty } = useQuery(nothingThere);
  // Whoever has begun here stays here: what the first workflow said is not taken away.
  const [beginning, setBeginning] = useState(false);
  if (empty && !beginning) setBeginning(true);
  if (beginning) return <Welcome sample="hello" links={links} />;
  return <DashboardPage search={search} onSearch={(chosen) => navigate({ search: chosen })} links={links} />;
}
