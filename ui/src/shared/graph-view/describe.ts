/** What a drawing shows, in words: for those who hear it, and for tooltips. */
import { OUT, sourceOf } from "@/graph/connections";
import type { NodeType, NodeTypes } from "@/graph/node-type";
import type { NodeRunState } from "@/graph/run-state";
import type { Structure } from "@/graph/structure";
import type { JsonObject, Workflow, WorkflowNode } from "@/graph/workflow";
import type { DrawnProblem } from "./drawing";
import { lookOfRun, runFigures } from "./run-look";

export function nodeName(node: WorkflowNode, type: NodeType | undefined): string {
  return node.name || type?.title || node.id;
}

/** As "Fetch orders, HTTP request, disabled, completed 350 ms, 2 problems: ...". */
export function nodeText(
  node: WorkflowNode,
  type: NodeType | undefined,
  run: NodeRunState | undefined,
  problems: readonly DrawnProblem[] | undefined,
  signs: readonly string[] = [],
): string {
  const name = nodeName(node, type);
  const title = type?.title ?? `unknown type ${node.type}`;
  const parts = title === name ? [name] : [name, title];
  if (node.disabled) parts.push("disabled");
  if (node.pinned_output !== undefined) parts.push("output pinned");
  if (run) parts.push(`${lookOfRun(run).label.toLowerCase()} ${runFigures(run)}`.trim());
  parts.push(...signs);
  if (problems?.length)
    parts.push(problems.map((problem) => `${problem.severity}: ${problem.message}`).join(" "));
  return parts.join(", ");
}

/** As "After Start. Before If (true), Report.", for whoever walks along the connections. */
export function connectionsText(
  workflow: Workflow,
  types: NodeTypes,
  structure: Structure,
  id: string,
): string {
  const names = new Map(workflow.nodes.map((node) => [node.id, nodeName(node, types.get(node.type))]));
  const before = structure.incoming.get(id)?.map((one) => names.get(one.from) ?? one.from) ?? [];
  const after =
    structure.outgoing.get(id)?.map((one) => {
      const { port } = sourceOf(one);
      const name = names.get(one.to) ?? one.to;
      return port === OUT ? name : `${name} (by ${port})`;
    }) ?? [];
  return [
    before.length > 0 ? `After ${before.join(", ")}.` : "Nothing leads to it.",
    after.length > 0 ? `Before ${after.join(", ")}.` : "It leads nowhere.",
  ].join(" ");
}

/** As "a list", "an object with status, headers and body"; empty where nothing is known. */
export function shapeInWords(schema: JsonObject | undefined): string {
  if (schema === undefined) return "";
  if (schema.type === "object") {
    const names = Object.keys((schema.properties as JsonObject | undefined) ?? {});
    return names.length === 0 ? "an object" : `an object with ${listed(names)}`;
  }
  const word = typeof schema.type === "string" ? TYPES[schema.type] : undefined;
  return word ?? "";
}

const TYPES: Readonly<Record<string, string>> = {
  array: "a list",
  string: "a text",
  number: "a number",
  integer: "a whole number",
  boolean: "true or false",
  null: "nothing",
};

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 6);
  const rest = names.length - shown.length;
  if (rest > 0) return `${shown.join(", ")} and ${rest} more`;
  return shown.length === 1 ? String(shown[0]) : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}
