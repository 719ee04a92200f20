/** The data of the selected node: what came in, what can be referred to, and how expressions are previewed. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef } from "react";
import { type Structure, structureOf } from "@/graph/structure";
import type { Json, JsonObject, Workflow } from "@/graph/workflow";
import { ApiError } from "@/shared/api/errors";
import type {
  ExpressionFunction,
  ExpressionHelp,
  Preview,
  PreviewRequest,
  ScopeEntry,
} from "@/shared/code/expression/scope";
import { useEditor } from "../../store";
import {
  askPreview,
  contextQuery,
  firstItemQuery,
  type NodeContext,
  type Reference,
  referenceQuery,
} from "./api";
import { type PreviewPlace, previewBody, readPreview } from "./preview";
import { type RunName, scopeOf, type Upstream, upstreamOf } from "./scope";

export interface NodeData {
  readonly scope: readonly ScopeEntry[];
  readonly upstream: readonly Upstream[];
  readonly help: ExpressionHelp;
  readonly structure: Structure;
  /** The execution that the values are from. */
  readonly source: NodeContext["source"];
  readonly loading: boolean;
}

const NO_NAMES: readonly RunName[] = [];

export function useNodeData(nodeId: string): NodeData {
  const workflowId = useEditor((state) => state.workflowId);
  const types = useEditor((state) => state.nodeTypes);
  const workflow = useEditor((state) => state.history.present);
  const saved = useEditor((state) => state.saved);
  const isSaved = saved.definition.nodes.some((node) => node.id === nodeId);
  const context = useQuery({ ...contextQuery(workflowId, nodeId, saved.revision), enabled: isSaved });
  const reference = useQuery(referenceQuery);
  useNewRuns(workflowId);
  const { connections, global_variables: variables } = workflow;
  const outline = useOutline(workflow.nodes, nodeId);
  const run = isSaved ? ((context.data?.names as readonly RunName[] | undefined) ?? NO_NAMES) : NO_NAMES;

  const known = useMemo(() => {
    const view = { name: "", nodes: outline, connections, global_variables: variables ?? {} };
    const structure = structureOf(outline, connections, types);
    const given = { workflow: view, types, structure, nodeId, run, helps: helpsOf(reference.data) };
    return { structure, scope: scopeOf(given), upstream: upstreamOf(given) };
  }, [outline, connections, variables, types, nodeId, run, reference.data]);

  const items = workflow.nodes.find(({ id }) => id === nodeId)?.parameters?.[ITEMS];
  const own = useOwnNames(items, isSaved ? { workflow_id: workflowId, node_id: nodeId } : null);
  const functions = useMemo(() => functionsOf(reference.data), [reference.data]);
  const help = useMemo<ExpressionHelp>(() => {
    const place: PreviewPlace = {
      workflowId,
      nodeId: isSaved ? nodeId : null,
      context: contextOf(known.scope, known.upstream, isSaved),
      names: new Set(known.scope.map(({ name }) => name)),
      own,
    };
    return {
      scope: known.scope,
      functions,
      own,
      preview: (request, signal) => previewed(request, place, signal),
    };
  }, [known, functions, own, workflowId, nodeId, isSaved]);

  return { ...known, help, source: context.data?.source ?? null, loading: isSaved && context.isPending };
}

const SETTLED = 800;

/** What a run that was watched has found is read when it has calmed down. */
function useNewRuns(workflowId: string): void {
  const runStates = useEditor((state) => state.runStates);
  const queries = useQueryClient();
  const seen = useRef(runStates);
  useEffect(() => {
    if (seen.current === runStates) return;
    seen.current = runStates;
    const timer = setTimeout(() => {
      void queries.invalidateQueries({ queryKey: ["workflow", workflowId, "node-context"] });
    }, SETTLED);
    return () => clearTimeout(timer);
  }, [runStates, queries, workflowId]);
}

// By this name a node takes the list of which its expressions see one `item`.
const ITEMS = "items";

/** What an expression for each item of a list sees: the first one, as far as it can be told. */
function useOwnNames(
  items: Json | undefined,
  place: { workflow_id: string; node_id: string } | null,
): ReadonlyMap<string, ScopeEntry> {
  const body = items === undefined || place === null ? null : { ...place, template: items };
  const first = useQuery(firstItemQuery(body)).data;
  return useMemo(() => {
    if (first === undefined || first === null) return new Map();
    return new Map<string, ScopeEntry>([
      ["item", { name: "item", help: "An item of the list; the first one is shown.", value: first }],
      ["index", { name: "index", help: "Its place in the list, from 0.", value: 0 }],
    ]);
  }, [first]);
}

async function previewed(
  request: PreviewRequest,
  place: PreviewPlace,
  signal: AbortSignal,
): Promise<Preview | null> {
  try {
    return readPreview(await askPreview(previewBody(request, place), signal), request, place);
  } catch (error) {
    // Without an answer there is no preview; what is wrong with the connection is said elsewhere.
    if (error instanceof ApiError) return null;
    throw error;
  }
}

/** What goes before the values of the last run: variables and pinned outputs, and all that is known where nothing was saved. */
function contextOf(
  scope: readonly ScopeEntry[],
  upstream: readonly Upstream[],
  isSaved: boolean,
): JsonObject {
  const own = scope.filter(
    ({ help, value, name }) =>
      value !== undefined && name !== "nodes" && (!isSaved || help.startsWith("A variable")),
  );
  const nodes = upstream.filter(({ value, certain }) => value !== undefined && (certain || !isSaved));
  const context: Record<string, Json> = Object.fromEntries(
    own.map(({ name, value }) => [name, value ?? null]),
  );
  const input = scope.find(({ name }) => name === "input")?.value;
  if (input !== undefined && nodes.some(({ value }) => value === input)) context.input = input;
  if (nodes.length > 0) context.nodes = Object.fromEntries(nodes.map(({ id, value }) => [id, value ?? null]));
  return context;
}

/** The nodes as they were, until something changes that names in scope depend on: typing into a field does not. */
function useOutline(nodes: Workflow["nodes"], nodeId: string): Workflow["nodes"] {
  const kept = useRef({ nodes, nodeId });
  if (kept.current.nodeId !== nodeId || !sameOutline(kept.current.nodes, nodes, nodeId))
    kept.current = { nodes, nodeId };
  return kept.current.nodes;
}

const OUTLINE = ["id", "type", "name", "pinned_output", "on_error", "disabled"] as const;

function sameOutline(before: Workflow["nodes"], after: Workflow["nodes"], nodeId: string): boolean {
  if (before === after) return true;
  if (before.length !== after.length) return false;
  return after.every((node, at) => {
    const other = before[at];
    if (node === other) return true;
    if (other === undefined || OUTLINE.some((field) => node[field] !== other[field])) return false;
    // What others are made of says what they give; the node's own says nothing of what it gets.
    return node.id === nodeId || node.parameters === other.parameters;
  });
}

function helpsOf(reference: Reference | undefined): ReadonlyMap<string, string> {
  return new Map(reference?.names.map(({ name, help }) => [name, help]));
}

function functionsOf(reference: Reference | undefined): ExpressionFunction[] {
  return (reference?.functions ?? []).map((one) => ({
    name: one.name,
    aliases: one.aliases,
    on: one.receiver.split("|").map((kind) => kind.trim()),
    signature: one.signature,
    help: one.help,
    example: one.example,
    result: (one.result ?? null) as Json,
  }));
}
