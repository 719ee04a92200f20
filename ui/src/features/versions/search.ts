/** What of the versions of a workflow is in the address: which one is looked at, beside which other, and how. */
export interface VersionsSearch {
  revision?: number;
  /** The one that it is compared with; without it, the one before. */
  beside?: number;
  view?: "json";
}

export function readVersionsSearch({ revision, beside, view }: Record<string, unknown>): VersionsSearch {
  return {
    ...(isRevision(revision) && { revision }),
    ...(isRevision(beside) && { beside }),
    ...(view === "json" && { view }),
  };
}

function isRevision(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0 && value < 2 ** 31;
}

/** The two that are compared: the newest where none is chosen, beside the one before where there is one. */
export function comparedOf(
  search: VersionsSearch,
  newest: number,
): { revision: number; beside: number | null } {
  const revision = Math.min(search.revision ?? newest, newest);
  const beside = search.beside ?? revision - 1;
  return { revision, beside: beside >= 1 && beside !== revision ? beside : null };
}
