/** What a token may be made for. Pure. */
import type { Scope, Token } from "./api";

export const SCOPES: readonly { value: Scope; label: string; help: string; administrators?: true }[] = [
  { value: "view", label: "View", help: "Read workflows, executions and all that belongs to them." },
  { value: "execute", label: "Run", help: "Start, pause, cancel and answer." },
  { value: "edit", label: "Edit", help: "Make and change." },
  { value: "delete", label: "Delete", help: "Take away." },
  { value: "service", label: "Administer", help: "Look after the installation.", administrators: true },
];

export type TokenState = "good" | "expired" | "revoked";

export function stateOf(token: Pick<Token, "revoked_at" | "expires_at">, now: Date): TokenState {
  if (token.revoked_at) return "revoked";
  return new Date(token.expires_at) <= now ? "expired" : "good";
}
