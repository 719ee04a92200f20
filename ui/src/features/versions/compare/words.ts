/** Differences in words. */
import type { WorkflowDifference } from "@/graph/diff";
import type { Json } from "@/graph/workflow";

const FIELDS: Readonly<Record<string, string>> = {
  name: "Name",
  notes: "Notes",
  type: "Type",
  disabled: "Disabled",
  on_error: "On errors",
  on_unknown: "On an unknown outcome",
  timeout_seconds: "Time limit (s)",
  pinned_output: "Pinned output",
  description: "Description",
};

/** As “cases › 0 › when” for a parameter, or the name of a field. */
export function wordsOf(path: readonly string[]): string {
  const [field = "", ...rest] = path;
  if (field === "parameters" && rest.length > 0) return rest.join(" › ");
  if (field === "settings") return ["Setting", ...rest].join(" › ");
  if (field === "global_variables") return ["Variable", ...rest].join(" › ");
  return [FIELDS[field] ?? field, ...rest].join(" › ");
}

/** A value as people read it: text as it is, all else as JSON. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

/** As “1 node added, 2 changed; 3 connections”. */
export function summaryOf({ nodes, moved, connections, values, notes, groups }: WorkflowDifference): string {
  const drawn = [notes, groups].reduce(
    (sum, { added, removed, changed }) => sum + added.length + removed.length + changed.length,
    0,
  );
  const parts = [
    count(nodes.added.length, "node added", "nodes added"),
    count(nodes.removed.length, "node removed", "nodes removed"),
    count(nodes.changed.length, "node changed", "nodes changed"),
    count(connections.added.length + connections.removed.length, "connection", "connections"),
    count(values.length, "setting of the workflow", "settings of the workflow"),
    count(drawn, "note or group", "notes and groups"),
    count(moved.length, "node moved", "nodes moved"),
  ].filter(Boolean);
  return parts.length === 0 ? "Nothing differs" : parts.join(", ");
}

function count(number: number, one: string, many: string): string {
  if (number === 0) return "";
  return number === 1 ? `1 ${one}` : `${number} ${many}`;
}
