/** What the drawing itself tells to be wrong, at once and without asking the server, which says the same and more. */
import { connectionId, sourceOf, targetOf } from "./connections";
import { nodesById } from "./lookup";
import type { NodeTypes } from "./node-type";
import { inputsOf, outputsOf } from "./ports";
import type { Problem } from "./problems";
import { structure } from "./structure";
import type { Connection, Workflow } from "./workflow";

/** The codes of the problems that are found here. */
const FOUND_HERE: ReadonlySet<string> = new Set([
  "unknown_type",
  "unknown_port",
  "connection_into_trigger",
  "no_trigger",
  "cycle",
  "connection_leaves_loop",
]);

export function checkDrawing(workflow: Workflow, types: NodeTypes): Problem[] {
  return [
    ...unknownTypes(workflow, types),
    ...workflow.connections.flatMap((connection) => wrongPorts(workflow, types, connection)),
    ...triggers(workflow, types),
    ...wrongWays(workflow, types),
  ];
}

/**
 * What the server said last, brought up to date: of what is found here, what is true now; of the rest, what is about nodes
 * that are still there.
 */
export function updated(said: readonly Problem[], workflow: Workflow, types: NodeTypes): Problem[] {
  const byId = nodesById(workflow);
  const drawn = new Set(workflow.connections.map(connectionId));
  const key = (problem: Problem) => `${keyOf(problem)} ${problem.message}`;
  const found = checkDrawing(workflow, types);
  // The server's own words, where it says the same.
  const known = new Map(said.map((problem) => [keyOf(problem), problem]));
  const isThere = ({ node, connection }: Problem) =>
    connection ? drawn.has(connectionId(connection)) : !node || byId.has(node);
  const rest = said.filter((problem) => !FOUND_HERE.has(problem.code) && isThere(problem));
  const here = found.map((problem) => known.get(keyOf(problem)) ?? problem);
  return [...new Map([...here, ...rest].map((problem) => [key(problem), problem])).values()];
}

function keyOf({ code, node, connection }: Problem): string {
  return `${code} ${node} ${connection ? connectionId(connection) : ""}`;
}

function error(code: string, message: string, fix: string, node?: string, connection?: Connection): Problem {
  return {
    code,
    severity: "error",
    message,
    fix,
    ...(node !== undefined && { node }),
    ...(connection !== undefined && { connection }),
  };
}

function unknownTypes({ nodes }: Workflow, types: NodeTypes): Problem[] {
  return nodes
    .filter((node) => !types.has(node.type))
    .map((node) =>
      error(
        "unknown_type",
        `There is no node type '${node.type}'.`,
        "Install the package that brings it, or choose another.",
        node.id,
      ),
    );
}

function wrongPorts(workflow: Workflow, types: NodeTypes, connection: Connection): Problem[] {
  const byId = nodesById(workflow);
  const [from, to] = [sourceOf(connection), targetOf(connection)];
  const [source, target] = [byId.get(from.node), byId.get(to.node)];
  if (!source || !target) return [];
  const found: Problem[] = [];
  const outputs = outputsOf(types.get(source.type), source).map((port) => port.name);
  if (types.has(source.type) && !outputs.includes(from.port)) {
    const message = `'${source.id}' has no output '${from.port}'.`;
    found.push(
      error(
        "unknown_port",
        message,
        `Its outputs are: ${outputs.join(", ") || "none"}.`,
        source.id,
        connection,
      ),
    );
  }
  const inputs = inputsOf(types.get(target.type));
  if (inputs.length === 0) {
    const message = `A connection leads into the trigger '${target.id}'.`;
    found.push(
      error(
        "connection_into_trigger",
        message,
        "Triggers begin a workflow: remove it.",
        target.id,
        connection,
      ),
    );
  } else if (!inputs.includes(to.port)) {
    const message = `'${target.id}' has no input '${to.port}'.`;
    found.push(
      error("unknown_port", message, `Its inputs are: ${inputs.join(", ")}.`, target.id, connection),
    );
  }
  return found;
}

function triggers({ nodes }: Workflow, types: NodeTypes): Problem[] {
  const found = nodes.filter((node) => types.get(node.type)?.role === "trigger");
  if (found.length === 0) {
    if (nodes.some((node) => !types.has(node.type))) return [];
    return [error("no_trigger", "Nothing can start the workflow.", "Add a trigger.")];
  }
  const [first] = found;
  if (first === undefined || found.some((node) => !node.disabled)) return [];
  return [error("no_trigger", "Every trigger is disabled.", "Enable one.", first.id)];
}

function wrongWays(workflow: Workflow, types: NodeTypes): Problem[] {
  const { cycle, leaving } = structure(workflow, types);
  const found = leaving.map((connection) =>
    error(
      "connection_leaves_loop",
      `The connection ${connection.from} → ${connection.to} leaves the loop that it begins in.`,
      "Go on from the loop's own port 'done', or refer to values from before the loop by nodes.<id>.",
      connection.from,
      connection,
    ),
  );
  const [first] = cycle;
  if (first === undefined) return found;
  const way = [...cycle, first].join(" → ");
  const fix = "Remove one of these connections; to repeat steps, put them into the body of a loop.";
  const last = cycle.at(-1);
  const closing = workflow.connections.find(({ from, to }) => from === last && to === first);
  return [...found, error("cycle", `The nodes go round in a circle: ${way}.`, fix, first, closing)];
}
