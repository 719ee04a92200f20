/** What an expression of a node comes to, asked of the server with what the editor knows better: pins and variables. */
import type { Json, JsonObject } from "@/graph/workflow";
import type { Preview, PreviewRequest, ScopeEntry } from "@/shared/code/expression/scope";
import type { PreviewAnswer, PreviewBody } from "./api";

export interface PreviewPlace {
  readonly workflowId: string;
  /** Null for a node that was not saved yet: the server does not know it. */
  readonly nodeId: string | null;
  /** Values that go before those of the last run. */
  readonly context: JsonObject;
  /** Names in scope, of which some have no value before a run. */
  readonly names: ReadonlySet<string>;
  /** Samples of names that the node itself gives. */
  readonly own: ReadonlyMap<string, ScopeEntry>;
}

export function previewBody({ text, mode, names }: PreviewRequest, place: PreviewPlace): PreviewBody {
  const own = names.flatMap((name) => {
    const value = place.own.get(name)?.value;
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    workflow_id: place.workflowId,
    ...(place.nodeId === null ? {} : { node_id: place.nodeId }),
    ...(mode === "expression" ? { expression: text } : { template: text }),
    context: { ...place.context, ...Object.fromEntries(own) },
  };
}

const DID_YOU_MEAN = /Did you mean '([^']+)'\?/;

/** The answer as it is shown; null where only a run can tell. */
export function readPreview(
  answer: PreviewAnswer,
  request: PreviewRequest,
  place: PreviewPlace,
): Preview | null {
  const { value, error, names } = answer;
  if (error === null) {
    const cut = (value?.cuts.length ?? 0) > 0;
    return { ok: true, value: (value?.value ?? null) as Json, ...(cut ? { note: "(shortened)" } : {}) };
  }
  const unknown = names.some(({ name }) => isUnknown(name, request, place));
  if (unknown && error.code === "EXPRESSION_NAME_MISSING") return null;
  return {
    ok: false,
    message: error.message,
    remedy: error.remedy,
    position: error.position,
    closest: DID_YOU_MEAN.exec(error.remedy)?.[1] ?? null,
  };
}

/** A name that will be there, and has no value yet. */
function isUnknown(name: string, { names }: PreviewRequest, place: PreviewPlace): boolean {
  if (names.includes(name)) return place.own.get(name)?.value === undefined;
  return place.names.has(name) && !(name in place.context);
}
