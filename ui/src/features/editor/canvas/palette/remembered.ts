/** Which steps somebody used last and which they marked, kept in this browser. */
const RECENT = "wingbeat-recent-steps";
const FAVOURITE = "wingbeat-favourite-steps";
const MOST = 6;

function read(key: string): readonly string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function write(key: string, types: readonly string[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(types));
  } catch {
    // A browser that keeps nothing only forgets.
  }
}

export function recentSteps(): readonly string[] {
  return read(RECENT);
}

export function remember(type: string): void {
  write(RECENT, [type, ...read(RECENT).filter((one) => one !== type)].slice(0, MOST));
}

export function favouriteSteps(): readonly string[] {
  return read(FAVOURITE);
}

export function toggleFavourite(type: string): readonly string[] {
  const known = read(FAVOURITE);
  const changed = known.includes(type) ? known.filter((one) => one !== type) : [...known, type];
  write(FAVOURITE, changed);
  return changed;
}
