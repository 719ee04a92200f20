/** Whether whoever is signed in still is: asked when somebody comes back to this tab, since another may have signed out. */
import { call, client } from "./client";
import { useSession } from "./session";

/** Gives what ends it. */
export function watchSession(): () => void {
  const look = () => {
    if (document.visibilityState === "visible") void compare().catch(() => undefined);
  };
  document.addEventListener("visibilitychange", look);
  return () => document.removeEventListener("visibilitychange", look);
}

async function compare(): Promise<void> {
  const { user: before, expired } = useSession.getState();
  if (before === null || expired) return;
  const { user, csrf_token } = await call(client.GET("/api/v1/auth/session"));
  const { begin, renewed } = useSession.getState();
  if (user !== null && csrf_token !== null && user.user_id === before.user_id) begin(user, csrf_token);
  else void renewed();
}
