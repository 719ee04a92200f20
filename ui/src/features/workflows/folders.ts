/** Folders as a tree: the server counts the workflows in each, people see those under it too. */
export interface Counted {
  readonly name: string;
  readonly workflows: number;
}

export interface Folder {
  readonly path: string;
  readonly label: string;
  /** In it and in all that is under it. */
  readonly workflows: number;
  readonly children: readonly Folder[];
}

/** Every folder that is named, and those above it. */
export function folderTree(folders: readonly Counted[]): readonly Folder[] {
  return childrenOf("", folders);
}

function childrenOf(above: string, folders: readonly Counted[]): Folder[] {
  const prefix = above === "" ? "" : `${above}/`;
  const within = folders.filter(({ name }) => name.startsWith(prefix));
  const labels = new Set(within.map(({ name }) => name.slice(prefix.length).split("/")[0] ?? ""));
  return [...labels]
    .sort((a, b) => a.localeCompare(b))
    .map((label) => {
      const path = `${prefix}${label}`;
      const inside = within.filter(({ name }) => name === path || name.startsWith(`${path}/`));
      return {
        path,
        label,
        workflows: inside.reduce((sum, one) => sum + one.workflows, 0),
        children: childrenOf(
          path,
          inside.filter(({ name }) => name !== path),
        ),
      };
    });
}

const SEGMENT = /^[^/\s]([^/]{0,98}[^/\s])?$/;

/** A path without the spaces around its names; null if it is none. */
export function readFolder(typed: string): string | null {
  if (typed.trim() === "") return "";
  const names = typed.split("/").map((name) => name.trim());
  return names.length <= 10 && names.every((name) => SEGMENT.test(name)) ? names.join("/") : null;
}
