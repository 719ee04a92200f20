import type { NodeTypeExample } from "@/graph/node-type";

/** The parameters that a good part of a node type's examples use: those that most people come for. */
export function commonNames(examples: readonly NodeTypeExample[]): ReadonlySet<string> {
  const good = examples.filter((example) => !example.expect_error);
  const uses = new Map<string, number>();
  for (const name of good.flatMap(({ parameters }) => Object.keys(parameters)))
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const enough = Math.max(1, Math.ceil(good.length / 6));
  return new Set([...uses].filter(([, count]) => count >= enough).map(([name]) => name));
}
