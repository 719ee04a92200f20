/** Reads a file that somebody chose or dropped: JSON with a workflow in it. */
const MOST_BYTES = 10_000_000;

/** @throws Error that says what is wrong with the file. */
export async function readUpload(file: File): Promise<object> {
  if (file.size > MOST_BYTES) throw new Error(`“${file.name}” is larger than 10 MB.`);
  let value: unknown;
  try {
    value = JSON.parse(await file.text());
  } catch {
    throw new Error(`“${file.name}” is no JSON. Choose a file that was exported as a workflow.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error(`“${file.name}” holds no workflow. Choose a file that was exported as a workflow.`);
  }
  return value;
}
