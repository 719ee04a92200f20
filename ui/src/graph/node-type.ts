/** What the graph model needs to know of a node type. The app knows no type by name: all of it comes from the server. */
import type { Json, JsonObject } from "./workflow";

/** What comes out by a port as far as it follows from the drawing. */
export interface Carried {
  /** The input, all inputs joined, a parameter, an item of one, a list of its items, or what a loop's body gives. */
  readonly of: string;
  /** Of the parameter. */
  readonly name?: string;
  readonly joined?: string;
  /** A JSON Schema of the parameters, defaults included, with which it is so. */
  readonly when?: JsonObject;
}

export interface OutputPort {
  readonly name: string;
  readonly help: string;
  /** The JSON Schema of what comes out, where it is known. */
  readonly schema?: JsonObject;
  /** The parameters that name such ports, one each: `cases[].port`. The port's own name only stands for theirs. */
  readonly each?: string;
  /** A JSON Schema of the parameters with which the port is there; without one it always is. */
  readonly when?: JsonObject;
  /** The first that fits the parameters counts. */
  readonly carries?: readonly Carried[];
}

export interface NodeTypeExample {
  readonly title: string;
  readonly parameters: JsonObject;
  readonly input?: Json;
  readonly trigger?: Json;
  readonly expect?: JsonObject;
  /** The code of the error that it shows. */
  readonly expect_error?: string | null;
}

export interface NodeType {
  readonly type: string;
  readonly title: string;
  readonly help: string;
  readonly category: string;
  readonly role: string;
  readonly effect: "pure" | "idempotent" | "unsafe";
  readonly inputs: readonly string[];
  readonly outputs: readonly OutputPort[];
  /** Which outputs there are depends on the parameters; `outputsOf` of ports.ts says which. */
  readonly outputs_from_parameters: boolean;
  /** A JSON Schema, in which `x-wingbeat` marks templates and expressions. */
  readonly parameters: JsonObject;
  readonly examples: readonly NodeTypeExample[];
}

export type NodeTypes = ReadonlyMap<string, NodeType>;
