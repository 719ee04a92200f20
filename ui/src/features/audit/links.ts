/** The pages of what entries are about, which other features have. Pure. */
import type { AuditEntry } from "./api";

export interface AuditLinks {
  readonly workflow: (workflowId: string) => string;
  readonly triggers: (workflowId: string) => string;
  readonly execution: (executionId: string) => string;
  readonly connections: string;
  readonly people: string;
}

/** Where the object of an entry is looked at; null where there is no such page, or the object is gone. */
export function pageOf(
  { object_type, object_id, object_name, object_workflow_id }: AuditEntry,
  links: AuditLinks,
): string | null {
  if (object_name === null) return null;
  if (object_type === "execution") return links.execution(object_id);
  if (object_type === "connection") return links.connections;
  if (object_type === "user" || object_type === "community") return links.people;
  if (object_workflow_id === null) return null;
  return object_type === "workflow" ? links.workflow(object_workflow_id) : links.triggers(object_workflow_id);
}
