/** How the installation does, as the server sees it. */
import { queryOptions } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Status = components["schemas"]["StatusShape"];
export type Worker = components["schemas"]["WorkerShape"];
export type Setting = components["schemas"]["SettingShape"];

const KEY = "health";
const OFTEN_MS = 5_000;

export const statusQuery = queryOptions({
  queryKey: [KEY, "status"],
  refetchInterval: OFTEN_MS,
  queryFn: () => call(client.GET("/api/v1/status")),
});

/** Connections whose system does not answer: nothing is sent to it for a while. */
export const brokenConnections = queryOptions({
  queryKey: [KEY, "breakers"],
  refetchInterval: 4 * OFTEN_MS,
  queryFn: async () => {
    const query = { per_page: 100 };
    const found = await call(client.GET("/api/v1/connections", { params: { query } }));
    return found.filter((one) => one.breaker.state !== "closed");
  },
});

export const settingsQuery = queryOptions({
  queryKey: [KEY, "settings"],
  staleTime: 60_000,
  queryFn: () => call(client.GET("/api/v1/settings")),
});
