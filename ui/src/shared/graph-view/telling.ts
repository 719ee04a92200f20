/** The one line that says most about what a node does: what it is told to do, and with what. */
import type { NodeType } from "@/graph/node-type";
import type { Json, JsonObject, WorkflowNode } from "@/graph/workflow";

const LENGTH = 120;
// An id of another workflow says nothing to anybody.
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** As "GET https://example.com" or "item.price > 10"; empty where no parameter says anything. */
export function tellingLine(node: WorkflowNode, type: NodeType | undefined): string {
  const parameters = node.parameters ?? {};
  const properties = objectOf(type?.parameters.properties);
  const required = listOf(type?.parameters.required);
  const names = Object.keys(properties).length > 0 ? Object.keys(properties) : Object.keys(parameters);
  const verb = names.find((name) => isChoice(properties[name]) && isSaid(name, parameters, required));
  const rest = names.filter((name) => name !== verb && !isChoice(properties[name]));
  const object =
    rest.find((name) => required.includes(name) && isTold(parameters[name])) ??
    rest.find((name) => isTold(parameters[name]));
  const words = [
    verb === undefined ? "" : inWords(parameters[verb]),
    object === undefined ? "" : valueLine(parameters[object]),
  ];
  return words.filter(Boolean).join(" ").slice(0, LENGTH);
}

function objectOf(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}

/** A parameter with a few possible values says what is done; only one that was set says it of this node. */
function isChoice(schema: Json | undefined): boolean {
  return Array.isArray(objectOf(schema).enum);
}

function isSaid(name: string, parameters: JsonObject, required: readonly Json[]): boolean {
  return (
    isTold(parameters[name]) && (required.includes(name) || ["operation", "method", "mode"].includes(name))
  );
}

function isTold(value: Json | undefined): boolean {
  if (typeof value === "string") return value !== "" && !ID.test(value);
  return value !== undefined && value !== null && typeof value !== "boolean";
}

function inWords(value: Json | undefined): string {
  return String(value).replaceAll("_", " ");
}

function valueLine(value: Json | undefined): string {
  if (typeof value === "string") return bare(value);
  if (Array.isArray(value))
    return value
      .map((item: Json) => itemLine(item))
      .filter(Boolean)
      .join(", ");
  if (typeof value === "object" && value !== null) return Object.keys(value).join(", ");
  return String(value);
}

function itemLine(item: Json): string {
  if (typeof item !== "object" || item === null) return bare(String(item));
  const first = Object.values(item).find((inner) => typeof inner === "string");
  return typeof first === "string" ? bare(first) : "";
}

/** A value that is one whole template is shown without its braces; of a text, only the first line. */
function bare(text: string): string {
  const whole = /^\s*\{\{([^{}]*)\}\}\s*$/.exec(text);
  return (whole?.[1] ?? text).trim().split("\n", 1)[0] ?? "";
}
