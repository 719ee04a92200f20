import { countProblems, type Problem } from "@/graph/problems";

/** As `2 errors, 1 warning`. */
export function countedInWords(problems: readonly Problem[]): string {
  const { errors, warnings } = countProblems(problems);
  const parts = [counted(errors, "error"), counted(warnings, "warning")].filter(Boolean);
  return parts.length === 0 ? "No problems" : parts.join(", ");
}

function counted(count: number, word: string): string {
  if (count === 0) return "";
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What to do about a problem. What else there is besides a parameter that is missing helps programs, not somebody before its form. */
export function fixOf({ code, fix }: Problem): string {
  return code === "parameter_missing" ? "Fill it in." : (fix ?? "");
}
