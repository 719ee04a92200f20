/** Where the web app starts: who is signed in is asked first, and nobody is sent to the sign-in page. */
import "@/shared/trusted-types";
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
// In a layer of their own: what we say of our own classes counts, in whichever order the parts of the app are loaded.
import "@mantine/core/styles.layer.css";
import "@mantine/notifications/styles.layer.css";
import "@mantine/spotlight/styles.layer.css";
import "./app.css";
import type { AnyRoute } from "@tanstack/react-router";
import { createRoot } from "react-dom/client";
import { call, client } from "@/shared/api/client";
import { useSession } from "@/shared/api/session";
import { watchSession } from "@/shared/api/session-watch";
import { App, router } from "./app";

async function start(): Promise<void> {
  const asked = call(client.GET("/api/v1/auth/session"));
  loadPageEarly();
  const state = await asked;
  if (state.user === null || state.csrf_token === null) {
    const here = location.pathname + location.search;
    location.assign(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
    return;
  }
  useSession.getState().begin(state.user, state.csrf_token);
  watchSession();
  const root = document.getElementById("root");
  if (root) createRoot(root).render(<App />);
}

/** The code of the page that the address names is loaded while it is asked who is there. */
function loadPageEarly(): void {
  const routes: Readonly<Record<string, AnyRoute>> = router.routesById;
  for (const match of router.matchRoutes(router.latestLocation)) {
    const route = routes[match.routeId];
    if (route) void router.loadRouteChunk(route);
  }
}

function sayUnreachable(): void {
  const text = document.createElement("p");
  text.className = "unreachable";
  text.textContent = "Wingbeat cannot be reached. This page tries again every few seconds.";
  document.getElementById("root")?.replaceChildren(text);
  setTimeout(() => location.reload(), 5000);
}

start().catch(sayUnreachable);
