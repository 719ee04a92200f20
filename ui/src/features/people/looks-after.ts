/** What the person at the page looks after. */
import { useQuery } from "@tanstack/react-query";
import { me } from "./api";

/** Whether they administer a community; who administers the installation, the session says. */
export function useAdministersCommunity(): boolean {
  return useQuery(me).data?.communities.some((one) => one.role === "admin") ?? false;
}
