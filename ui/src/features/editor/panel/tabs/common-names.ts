import type { NodeTypeExample } from "@/graph/node-type";

/** The parameters that a good part of a node type's examples use: those that most people come for. */
export function commonNames(examples: readonly NodeTypeExample[]): ReadonlySet<string> {
  const uses = new Map<string, number>();
  for (const { parameters } of examples)
    for (const name of Object.keys(parameters)) uses.set(name, (uses.get(name) ?? 0) + 1);
  const enough = Math.max(1, Math.ceil(examples.length / 3));
  return new Set([...uses].filter(([, count]) => count >= enough).map(([name]) => name));
}
