/** Ids that are not taken yet. */
import type { Workflow } from "../workflow";

/** `wanted`, or `wanted_2`, `wanted_3`... */
export function freshId(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/_\d+$/, "");
  for (let number = 2; ; number += 1) if (!taken.has(`${stem}_${number}`)) return `${stem}_${number}`;
}

export function nodeIds(workflow: Workflow): Set<string> {
  return new Set(workflow.nodes.map((node) => node.id));
}

/** Those of notes and groups, which are there once among both. */
export function annotationIds({ annotations }: Workflow): Set<string> {
  return new Set([...(annotations?.notes ?? []), ...(annotations?.groups ?? [])].map((one) => one.id));
}

/** The id of a new node of a type: the last word of the type's name. */
export function nodeIdFor(type: string, taken: ReadonlySet<string>): string {
  const word = (type.split(".").at(-1) ?? "").replaceAll(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d)/, "_");
  return freshId(word.slice(0, 90) || "node", taken);
}
