/** Where the web app starts: who is signed in is asked first, and nobody is sent to the sign-in page. */
import "@/shared/trusted-types";
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "@mantine/spotlight/styles.css";
import "./app.css";
import { createRoot } from "react-dom/client";
import { call, client } from "@/shared/api/client";
import { useSession } from "@/shared/api/session";
import { App } from "./app";

async function start(): Promise<void> {
  const state = await call(client.GET("/api/v1/auth/session"));
  if (state.user === null || state.csrf_token === null) {
    const here = location.pathname + location.search;
    location.assign(here === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(here)}`);
    return;
  }
  useSession.getState().begin(state.user, state.csrf_token);
  const root = document.getElementById("root");
  if (root) createRoot(root).render(<App />);
}

function sayUnreachable(): void {
  const text = document.createElement("p");
  text.className = "unreachable";
  text.textContent = "Wingbeat cannot be reached. This page tries again every few seconds.";
  document.getElementById("root")?.replaceChildren(text);
  setTimeout(() => location.reload(), 5000);
}

start().catch(sayUnreachable);
