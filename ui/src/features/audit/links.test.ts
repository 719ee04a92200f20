import { expect, it } from "vitest";
import type { AuditEntry } from "./api";
import { type AuditLinks, pageOf } from "./links";

const LINKS: AuditLinks = {
  workflow: (id) => `/workflows/${id}`,
  triggers: (id) => `/workflows/${id}/triggers`,
  execution: (id) => `/executions/${id}`,
  connections: "/connections",
  people: "/admin/people",
};

function page(object_type: string, object_name: string | null, object_workflow_id: string | null = null) {
  const entry = { object_type, object_id: "id", object_name, object_workflow_id };
  return pageOf(entry as AuditEntry, LINKS);
}

it("leads to what there still is, where that has a page", () => {
  expect(page("workflow", "Census", "w")).toBe("/workflows/w");
  expect(page("schedule", "Every morning", "w")).toBe("/workflows/w/triggers");
  expect(page("execution", "Census", "w")).toBe("/executions/id");
  expect(page("connection", "Shop")).toBe("/connections");
  expect(page("user", "ada")).toBe("/admin/people");
  expect(page("workflow", null)).toBeNull();
  expect(page("token", "ci")).toBeNull();
});
