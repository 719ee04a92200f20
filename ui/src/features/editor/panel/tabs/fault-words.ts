/** What is wrong with a field, as its form says it: with the other fields before the eyes. */
export function wordsOfFault(code: string, message: string, fix = ""): { message: string; fix: string } {
  if (code === "parameter_missing") return { message: "This is needed.", fix: "" };
  return { message, fix };
}
