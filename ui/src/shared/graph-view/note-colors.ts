/** The colours of notes and groups: a name of the definition, as it looks in both schemes. */
import type { CSSProperties } from "react";

export const NOTE_COLORS = [
  "gray",
  "red",
  "pink",
  "grape",
  "violet",
  "indigo",
  "blue",
  "cyan",
  "teal",
  "green",
  "lime",
  "yellow",
  "orange",
] as const;

/** Variables that the style sheets of frames mix with the surface below. */
export function paletteOf(color: string): CSSProperties {
  const known = (NOTE_COLORS as readonly string[]).includes(color) ? color : "gray";
  return { "--tone": `var(--mantine-color-${known}-6)` } as CSSProperties;
}
