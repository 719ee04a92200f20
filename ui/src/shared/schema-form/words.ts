/** The words of a form, out of names and descriptions. Pure. */
import { type JsonSchema, textOf } from "./schema";

const UNITS: Record<string, string> = { seconds: "", mb: "MB", bytes: "bytes", percent: "%", ms: "ms" };
const CAPITALS: Record<string, string> = {
  id: "ID",
  url: "URL",
  html: "HTML",
  json: "JSON",
  sql: "SQL",
  xml: "XML",
  csv: "CSV",
  http: "HTTP",
  cc: "CC",
  bcc: "BCC",
  ai: "AI",
  utc: "UTC",
  api: "API",
  mb: "MB",
};

/** `retry_statuses` as "Retry statuses". */
export function humanize(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .split(/[_\s-]+/)
    .filter(Boolean)
    .map((word) => CAPITALS[word.toLowerCase()] ?? (/^[A-Z0-9]+$/.test(word) ? word : word.toLowerCase()));
  const text = words.join(" ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What a field is called, and in which unit it counts: `memory_mb` is "Memory" in MB. */
export function labelOf(name: string, schema: JsonSchema): { label: string; unit: string } {
  const title = textOf(schema.title);
  const generated = name
    .split("_")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
  const given =
    title !== "" && title.toLowerCase() !== generated.toLowerCase() && !/^[A-Z][a-z]+[A-Z]/.test(title);
  if (given) return { label: title, unit: "" };
  const parts = name.split("_");
  const last = parts.at(-1) ?? "";
  if (parts.length > 1 && last in UNITS)
    return { label: humanize(parts.slice(0, -1).join("_")), unit: UNITS[last] ?? "" };
  return { label: humanize(name), unit: "" };
}

/** The first sentence, and what comes after it. */
export function firstSentence(text: string): [string, string] {
  const end = /[.!?](?=\s+[A-Z`"'(])/.exec(text);
  if (end === null) return [text, ""];
  return [text.slice(0, end.index + 1), text.slice(end.index + 1).trim()];
}

const TOLD = /(`[^`]+`(?:(?:,| and| or|, and)? ?`[^`]+`)*): /g;
const QUOTED = /`([^`]+)`/g;

export interface ValueHelp {
  /** What is said of all of them. */
  readonly lead: string;
  readonly of: ReadonlyMap<string, string>;
}

/** What a description says of each value: "`fail`: this step fails. `collect`: the others go on." */
export function helpPerValue(description: string, values: readonly string[]): ValueHelp {
  const known = new Set(values);
  const found = [...description.matchAll(TOLD)]
    .map((match) => ({
      at: match.index,
      after: match.index + match[0].length,
      names: quoted(match[1] ?? ""),
    }))
    .filter(({ names }) => names.length > 0 && names.every((name) => known.has(name)));
  const of = new Map<string, string>();
  found.forEach(({ after, names }, place) => {
    const text = description.slice(after, found[place + 1]?.at).trim();
    const sentence = text.charAt(0).toUpperCase() + text.slice(1);
    for (const name of names) of.set(name, sentence);
  });
  return { lead: description.slice(0, found[0]?.at ?? description.length).trim(), of };
}

function quoted(text: string): string[] {
  return [...text.matchAll(QUOTED)].map((match) => match[1] ?? "");
}

const MEANT_FOR = /^(?:For|With)(?: the \w+)? (?:`[^`]+`(?:, and | and | or |, )?)+: /;

/** A description without "For `insert` and `upsert`: " where the field is shown with these only, and says so once. */
export function withoutCondition(description: string): string {
  const opening = MEANT_FOR.exec(description);
  if (opening === null || description.slice(opening[0].length).includes(" For `")) return description;
  const rest = description.slice(opening[0].length);
  return rest.charAt(0).toUpperCase() + rest.slice(1);
}
