/** The steps of the palette in their order: favourites and recent ones first, then by category. */
import type { NodeType } from "@/graph/node-type";
import { searchSteps } from "./search";

export interface Section {
  readonly title: string;
  readonly types: readonly NodeType[];
}

interface Known {
  readonly favourites: readonly string[];
  readonly recent: readonly string[];
  /** Nothing starts the workflow yet. */
  readonly unstarted?: boolean;
}

// Categories that are not here come after these, by name.
const ORDER = ["trigger", "action", "condition", "data", "flow", "loop", "code"];

const TITLES: Readonly<Record<string, string>> = {
  trigger: "Triggers: how it begins",
  action: "Actions",
  condition: "Conditions",
  data: "Data",
  flow: "Flow",
  loop: "Loops",
  code: "Code",
  api: "APIs",
  mcp: "MCP tools",
};

export function sectionsOf(types: readonly NodeType[], text: string, known: Known): Section[] {
  if (text.trim() !== "") {
    const found = searchSteps(types, text, known.unstarted);
    return found.length > 0 ? [{ title: `${found.length} found`, types: found }] : [];
  }
  const byType = new Map(types.map((type) => [type.type, type]));
  const pick = (names: readonly string[]) => names.flatMap((name) => byType.get(name) ?? []);
  return [
    { title: "Favourites", types: pick(known.favourites) },
    { title: "Used last", types: pick(known.recent.filter((name) => !known.favourites.includes(name))) },
    ...byCategory(types, known.unstarted === true),
  ].filter((section) => section.types.length > 0);
}

function byCategory(types: readonly NodeType[], unstarted: boolean): Section[] {
  const categories = [...new Set(types.map((type) => type.category))].toSorted(
    (one, other) => rank(one, unstarted) - rank(other, unstarted) || one.localeCompare(other),
  );
  return categories.map((category) => ({
    title: TITLES[category] ?? category.charAt(0).toUpperCase() + category.slice(1),
    types: types
      .filter((type) => type.category === category)
      .toSorted((one, other) => one.title.localeCompare(other.title)),
  }));
}

/** What starts a workflow comes first until something does, and then last. */
function rank(category: string, unstarted: boolean): number {
  if (category === "trigger" && !unstarted) return ORDER.length + 1;
  const place = ORDER.indexOf(category);
  return place === -1 ? ORDER.length : place;
}
