/** Finding nodes and notes by what is written in them. */
import { nodesById } from "./lookup";
import type { NodeTypes } from "./node-type";
import type { Json, Workflow, WorkflowNode } from "./workflow";

export interface Found {
  /** The id of a node, or of a note. */
  readonly id: string;
  readonly kind: "node" | "note";
  /** Where it is written: `Name`, `Id`, `Type`, `Notes`, or the dotted path of a parameter. */
  readonly where: string;
  readonly parameter: string | null;
  /** What is written there, around what was looked for. */
  readonly excerpt: string;
  /** How well it fits: less is better. */
  readonly rank: number;
}

interface Text {
  readonly where: string;
  readonly text: string;
  readonly rank: number;
  readonly parameter?: string;
}

/** The places where all words are written, best first: each node or note once, with its best place. */
export function search(workflow: Workflow, types: NodeTypes, query: string): readonly Found[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const nodes = workflow.nodes.flatMap((node) => best(node.id, "node", textsOf(node, types), words));
  const notes = (workflow.annotations?.notes ?? []).flatMap((note) =>
    best(note.id, "note", [{ where: "Note", text: note.text, rank: 3 }], words),
  );
  return [...nodes, ...notes].sort((one, other) => one.rank - other.rank);
}

function textsOf(node: WorkflowNode, types: NodeTypes): Text[] {
  const title = types.get(node.type)?.title ?? "";
  const parameters = textsIn(node.parameters ?? {}, []);
  return [
    { where: "Name", text: node.name || title, rank: 0 },
    { where: "Id", text: node.id, rank: 1 },
    { where: "Type", text: `${title} ${node.type}`, rank: 2 },
    { where: "Notes", text: node.notes ?? "", rank: 3 },
    ...parameters.map(({ path, text }) => ({ where: path, text, rank: 4, parameter: path })),
  ];
}

interface Written {
  readonly path: string;
  readonly text: string;
}

function textsIn(value: Json, path: readonly string[]): Written[] {
  if (typeof value === "string") return [{ path: path.join("."), text: value }];
  if (typeof value === "number" || typeof value === "boolean") {
    return [{ path: path.join("."), text: String(value) }];
  }
  if (value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => textsIn(inner as Json, [...path, name]));
}

// All words are in one text, or at least in all texts together: then the first counts in which there is one.
function best(id: string, kind: Found["kind"], texts: readonly Text[], words: readonly string[]): Found[] {
  const lower = texts.map(({ text }) => text.toLowerCase());
  const all = lower.join("\n");
  if (!words.every((word) => all.includes(word))) return [];
  const whole = lower.findIndex((text) => words.every((word) => text.includes(word)));
  const place = whole >= 0 ? whole : lower.findIndex((text) => words.some((word) => text.includes(word)));
  const text = texts[place];
  if (text === undefined) return [];
  const excerpt = excerptOf(text.text, words);
  const begins = lower[place]?.startsWith(words[0] ?? "") ? 0 : 0.5;
  return [
    { id, kind, where: text.where, parameter: text.parameter ?? null, excerpt, rank: text.rank + begins },
  ];
}

const BEFORE = 24;
const LONGEST = 90;

function excerptOf(text: string, words: readonly string[]): string {
  const line = text.replaceAll(/\s+/g, " ");
  const at = Math.max(line.toLowerCase().indexOf(words[0] ?? ""), 0);
  const begin = at > BEFORE ? at - BEFORE : 0;
  const end = begin + LONGEST;
  return `${begin > 0 ? "…" : ""}${line.slice(begin, end)}${end < line.length ? "…" : ""}`;
}

/** What a node is called: by its author, or by its type. */
export function titleOf(workflow: Workflow, types: NodeTypes, id: string): string {
  const node = nodesById(workflow).get(id);
  return node?.name || types.get(node?.type ?? "")?.title || id;
}
