/** A person in two letters and a colour, the same wherever they are met. The colours carry white letters in both schemes. */
const COLORS = ["blue-8", "grape-8", "teal-9", "pink-8", "indigo-8", "red-9", "cyan-9", "violet-8"];

export function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== "");
  const [first = "?", second = ""] = words;
  const letters = second === "" ? [...first].slice(0, 2) : [[...first][0], [...second][0]];
  return letters.join("").toUpperCase();
}

export function colorOf(name: string): string {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521;
  return `var(--mantine-color-${COLORS[sum % COLORS.length]})`;
}
