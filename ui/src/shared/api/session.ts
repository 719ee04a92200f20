/** Who is signed in. A session that ends is begun again in place: requests wait meanwhile, nothing is lost. */
import { create } from "zustand";
import type { components } from "./schema";

export type User = components["schemas"]["UserShape"];

interface Session {
  user: User | null;
  csrfToken: string;
  /** Whether the session ended while the page was in use, and the sign-in dialog is shown. */
  expired: boolean;
  begin(user: User, csrfToken: string): void;
  /** Resolves when somebody has signed in again. */
  renewed(): Promise<void>;
}

/** The name under which this browser keeps something of whoever is signed in; others at it have their own. */
export function ownKey(name: string): string {
  return `wingbeat:${useSession.getState().user?.user_id ?? 0}:${name}`;
}

let waiting: Array<() => void> = [];

export const useSession = create<Session>((set, get) => ({
  user: null,
  csrfToken: "",
  expired: false,
  begin(user, csrfToken) {
    set({ user, csrfToken, expired: false });
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake();
  },
  renewed() {
    if (!get().expired) set({ expired: true });
    return new Promise((resolve) => waiting.push(resolve));
  },
}));
