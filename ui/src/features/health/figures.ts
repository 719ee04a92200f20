/** Figures of the installation in words. Pure. */

const UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** 1536 as "1.5 kB". */
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < UNITS.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${size.toFixed(unit === 0 || size >= 100 ? 0 : 1)} ${UNITS[unit]}`;
}

/** "PostgreSQL 18.0 on x86_64-pc-linux-gnu, compiled by ..." without what nobody asks for. */
export function shortVersion(version: string): string {
  return version.split(/ on |,| \(/)[0]?.trim() ?? version;
}

interface Setting {
  name: string;
  description: string;
  is_set: boolean;
}

/** Those whose name or description has every word of the text; only what somebody set, if asked for. */
export function findSettings<One extends Setting>(
  all: readonly One[],
  text: string,
  onlySet: boolean,
): One[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return all.filter((one) => {
    const said = `${one.name} ${one.description}`.toLowerCase();
    return (one.is_set || !onlySet) && words.every((word) => said.includes(word));
  });
}
