/** Keys as they are pressed, and as they are written on the screen. */
const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
const SIGNS: Readonly<Record<string, string>> = MAC
  ? { mod: "⌘", shift: "⇧", alt: "⌥", Delete: "⌦", Backspace: "⌫" }
  : { mod: "Ctrl", shift: "Shift", alt: "Alt", Delete: "Del", Escape: "Esc" };

interface Pressed {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

/** The names of the keys, one by one: `Ctrl`, `S`. */
export function written(keys: string): readonly string[] {
  return parts(keys).map((part) => SIGNS[part] ?? part);
}

/** Whether these keys were pressed, and no others with them. */
export function isPressed(keys: string, event: Pressed): boolean {
  const all = parts(keys);
  const key = all.at(-1) ?? "";
  const mod = MAC ? event.metaKey : event.ctrlKey;
  const other = MAC ? event.ctrlKey : event.metaKey;
  if (other || mod !== all.includes("mod") || event.altKey !== all.includes("alt")) return false;
  // With Alt, and for digits with Shift, what is typed depends on the keyboard: then the place of the key counts.
  if (/^\d$/.test(key)) return event.code === `Digit${key}` && event.shiftKey === all.includes("shift");
  if (event.altKey) return event.code === `Key${key}`;
  // What is written with Shift, as `?`, says so itself.
  const shifted = /^[A-Za-z]$|^.{2,}$/.test(key) ? event.shiftKey === all.includes("shift") : true;
  return shifted && event.key.toLowerCase() === key.toLowerCase();
}

function parts(keys: string): string[] {
  return keys === "+" ? ["+"] : keys.split("+");
}
