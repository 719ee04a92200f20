/** The ports of a node: those of its type, those that its parameters name, and `error` where its errors go that way. */
import { IN, OUT } from "./connections";
import { isObject, satisfies } from "./json-schema";
import type { NodeType, OutputPort } from "./node-type";
import type { Json, JsonObject, WorkflowNode } from "./workflow";

export const ERROR = "error";
/** Of a loop: where an iteration begins. */
export const BODY = "body";

const UNKNOWN: readonly OutputPort[] = [{ name: OUT, help: "" }];
const ERROR_PORT: OutputPort = {
  name: ERROR,
  help: "Taken when the node has failed for good; carries the error.",
  schema: {
    type: "object",
    properties: {
      error: {
        type: "object",
        properties: {
          code: { type: "string", description: "It never changes: expressions can compare it." },
          message: { type: "string", description: "What happened, in a sentence." },
          remedy: { type: "string", description: "What helps, where that is known." },
          details: { type: "object" },
          node: { type: "string", description: "The id of the step that failed." },
          attempt: { type: "integer" },
        },
      },
    },
  },
};
const NO_PARAMETERS: JsonObject = {};

/** The inputs of a node; those of an unknown type are taken to be one. A trigger has none. */
export function inputsOf(type: NodeType | undefined): readonly string[] {
  return type === undefined ? [IN] : type.inputs;
}

/** The outputs of a node, in the order in which they are drawn. The same node gives the same array. */
export function outputsOf(type: NodeType | undefined, node: WorkflowNode): readonly OutputPort[] {
  const own = type === undefined ? UNKNOWN : ownOutputs(type, node.parameters ?? NO_PARAMETERS);
  return node.on_error === "branch" ? withError(own) : own;
}

const resolved = new WeakMap<NodeType, WeakMap<JsonObject, readonly OutputPort[]>>();
const extended = new WeakMap<readonly OutputPort[], readonly OutputPort[]>();

function ownOutputs(type: NodeType, parameters: JsonObject): readonly OutputPort[] {
  if (!type.outputs_from_parameters) return type.outputs;
  let byParameters = resolved.get(type);
  if (byParameters === undefined) {
    byParameters = new WeakMap();
    resolved.set(type, byParameters);
  }
  let outputs = byParameters.get(parameters);
  if (outputs === undefined) {
    outputs = resolve(type.outputs, parameters);
    byParameters.set(parameters, outputs);
  }
  return outputs;
}

function withError(own: readonly OutputPort[]): readonly OutputPort[] {
  let all = extended.get(own);
  if (all === undefined) {
    all = [...own.filter((port) => port.name !== ERROR), ERROR_PORT];
    extended.set(own, all);
  }
  return all;
}

function resolve(declared: readonly OutputPort[], parameters: JsonObject): readonly OutputPort[] {
  const found = new Map<string, OutputPort>();
  for (const port of declared) {
    for (const name of namesOf(port, parameters)) {
      if (!found.has(name)) found.set(name, { ...port, name });
    }
  }
  return [...found.values()];
}

/** The names that one declared port stands for: itself, or one for each that the parameters give; none when it is not there. */
export function namesOf(port: OutputPort, parameters: JsonObject): readonly string[] {
  if (port.when && !satisfies(parameters, port.when)) return [];
  if (!port.each) return port.name.startsWith("<") ? [] : [port.name];
  return valuesAt(parameters, port.each.split(".")).filter((value) => typeof value === "string");
}

/** The values at a path such as `cases[].port`, where `[]` goes through a list. */
function valuesAt(value: Json | undefined, path: readonly string[]): Json[] {
  const [step, ...rest] = path;
  if (step === undefined) return value === undefined ? [] : [value];
  if (!isObject(value)) return [];
  if (!step.endsWith("[]")) return valuesAt(value[step], rest);
  const list = value[step.slice(0, -2)];
  return Array.isArray(list) ? list.flatMap((item: Json) => valuesAt(item, rest)) : [];
}
