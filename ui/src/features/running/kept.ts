/** What is remembered of a workflow's runs in this browser: breakpoints, and the data that triggers were given. */
import type { Json } from "@/graph/workflow";
import { ownKey } from "@/shared/api/session";

const MOST_REMEMBERED = 5;
const LONGEST = 20_000;

export interface TriggerData {
  /** The trigger that it is for; null where the workflow has one only. */
  readonly trigger: string | null;
  readonly text: string;
}

export function readBreakpoints(workflowId: string): ReadonlySet<string> {
  const kept = read(ownKey(`breakpoints:${workflowId}`));
  return new Set(Array.isArray(kept) ? kept.filter((one) => typeof one === "string") : []);
}

export function keepBreakpoints(workflowId: string, breakpoints: ReadonlySet<string>): void {
  write(ownKey(`breakpoints:${workflowId}`), [...breakpoints]);
}

/** The latest first. */
export function readTriggerData(workflowId: string): readonly TriggerData[] {
  const kept = read(ownKey(`trigger:${workflowId}`));
  return Array.isArray(kept) ? kept.filter(isTriggerData) : [];
}

export function keepTriggerData(workflowId: string, data: TriggerData): readonly TriggerData[] {
  const others = readTriggerData(workflowId).filter((one) => one.text !== data.text);
  const kept = [data, ...others].slice(0, MOST_REMEMBERED);
  if (data.text.length <= LONGEST) write(ownKey(`trigger:${workflowId}`), kept as unknown as Json);
  return kept;
}

/** Whether runs begin with what is pinned at the trigger, though something else was given before. */
export function readTakesPin(workflowId: string): boolean {
  return read(ownKey(`trigger-pin:${workflowId}`)) === true || readTriggerData(workflowId).length === 0;
}

export function keepTakesPin(workflowId: string, takesPin: boolean): void {
  write(ownKey(`trigger-pin:${workflowId}`), takesPin);
}

function isTriggerData(value: unknown): value is TriggerData {
  return typeof value === "object" && value !== null && "text" in value && typeof value.text === "string";
}

function read(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}

function write(key: string, value: Json): void {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
}
