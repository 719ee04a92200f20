/** What is wrong with a field, as its form says it: with the other fields before the eyes, and help one tab away. */
const ELSEWHERE = /\s*See (?:`wingbeat nodes [^`]*`|docs\/expressions\.md)\.$/;

export function wordsOfFault(code: string, message: string, fix = ""): { message: string; fix: string } {
  if (code === "parameter_missing") return { message: "This is needed.", fix: "" };
  return { message, fix: fix.replace(ELSEWHERE, "") };
}
