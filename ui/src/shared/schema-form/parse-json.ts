import type { Json } from "@/graph/workflow";

/** The value of a JSON text, undefined for none; or why it is no JSON. */
export function parseJson(text: string): { value: Json | undefined; fault: string | null } {
  if (text.trim() === "") return { value: undefined, fault: null };
  try {
    return { value: JSON.parse(text) as Json, fault: null };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { value: undefined, fault: `This is no JSON yet: ${why}. The last good value is kept.` };
  }
}
