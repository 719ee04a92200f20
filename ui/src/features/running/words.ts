/** What is said of a run in one line. Pure. */
import type { LiveExecution } from "@/shared/live/fold";
import { formatTime } from "@/shared/time/format";
import type { Host } from "./store";

/** How a node is called on the canvas. */
export function nameOf(host: Pick<Host, "workflow" | "nodeTypes"> | null, id: string): string {
  const node = host?.workflow.nodes.find((one) => one.id === id);
  return node?.name || (node && host?.nodeTypes.get(node.type)?.title) || id;
}

export function wordsOf(live: LiveExecution, name: (node: string) => string): string | null {
  if (live.refusal) return live.refusal.message;
  switch (live.status) {
    case "paused":
      return pausedWords(live, name);
    case "failed":
      return (
        live.error &&
        (live.error.node ? `${name(live.error.node)}: ${live.error.message}` : live.error.message)
      );
    case "waiting":
      return waitingWords(live, name);
    case "running":
      return runningWords(live, name);
    default:
      return null;
  }
}

function waitingWords(live: LiveExecution, name: (node: string) => string): string {
  const until = live.wakeAt ? formatTime(new Date(live.wakeAt)) : null;
  const [first, ...others] = [...live.nodes].filter(([, { last }]) => last === "step_waiting");
  if (first === undefined) return until ? `Goes on at ${until}` : "Waits for something from outside";
  const more = others.length > 0 ? ` and ${others.length} more` : "";
  const who = `“${name(first[0])}”${more}`;
  return until ? `${who} waits, until ${until} at the latest` : `${who} waits for an answer from outside`;
}

function pausedWords(live: LiveExecution, name: (node: string) => string): string {
  const places = [...new Set(live.restsAt.map((place) => place.node))];
  if (places.length === 0) return "Paused";
  const named = places.slice(0, 2).map(name).join(" and ");
  const more = places.length > 2 ? ` and ${places.length - 2} more` : "";
  const stopped = live.error?.code === "BREAKPOINT" || live.error === null;
  return stopped ? `Stopped before ${named}${more}` : `Nobody knows what became of ${named}${more}`;
}

function runningWords(live: LiveExecution, name: (node: string) => string): string | null {
  const busy = [...live.nodes].filter(([, node]) => node.running > 0).map(([id]) => id);
  const [first] = busy;
  if (first === undefined) return null;
  return busy.length === 1 ? name(first) : `${name(first)} and ${busy.length - 1} more`;
}
