/** What may be granted, in words. Pure. */
import type { Grant, Granting, Role } from "./api";

export const RIGHTS = [
  { name: "can_view", label: "See" },
  { name: "can_execute", label: "Run" },
  { name: "can_edit", label: "Edit" },
  { name: "can_delete", label: "Delete" },
] as const;

export type Right = (typeof RIGHTS)[number]["name"];

export const ROLES: readonly { value: Role; label: string; help: string }[] = [
  { value: "admin", label: "Admin", help: "may do everything, and says who belongs to it" },
  { value: "editor", label: "Editor", help: "sees, runs and edits" },
  { value: "operator", label: "Operator", help: "sees and runs" },
  { value: "viewer", label: "Viewer", help: "sees" },
  { value: "member", label: "Member", help: "may do what is granted to the community" },
];

/** Whoever is given something, as a key that a list can hold: "user:7", "role:finance". */
export function granteeOf(grant: Pick<Grant, "user_id" | "community_id" | "role">): string {
  if (grant.user_id !== null) return `user:${grant.user_id}`;
  return grant.community_id !== null ? `community:${grant.community_id}` : `role:${grant.role}`;
}

/** What is sent: who may edit or delete may see, too. */
export function grantTo(grantee: string, rights: ReadonlySet<Right>): Granting {
  const [kind, name = ""] = grantee.split(/:(.*)/s);
  const seesToo = rights.size > 0;
  const given = {
    can_view: seesToo,
    can_edit: rights.has("can_edit"),
    can_delete: rights.has("can_delete"),
    can_execute: rights.has("can_execute"),
  };
  if (kind === "user") return { user_id: Number(name), ...given };
  return kind === "community" ? { community_id: Number(name), ...given } : { role: name, ...given };
}

/** The rights with one of them turned over. Without seeing there is nothing else. */
export function turned(rights: ReadonlySet<Right>, right: Right): Set<Right> {
  const next = new Set(rights);
  if (!next.delete(right)) return next.add(right).add("can_view");
  return right === "can_view" ? new Set() : next;
}

export function rightsOf(grant: Record<Right, boolean>): Set<Right> {
  return new Set(RIGHTS.map((one) => one.name).filter((name) => grant[name]));
}
