/** From a value to the expression that gives it, and back. Pure. */
import type { Json } from "@/graph/workflow";
import { wholeExpression } from "../code/expression/tokens";
import type { Shape } from "./control";

/** What stands in the editor when a value becomes an expression. */
export function toTemplate(value: Json | undefined, shape: Shape): Json | undefined {
  if (value === undefined || typeof value === "string") return value;
  if (shape.control.kind === "text") return String(value);
  const text = JSON.stringify(value);
  // What has expressions in it cannot be one.
  return text.includes("{{") ? "{{ }}" : `{{ ${text} }}`;
}

/** The value of an expression that is one, as `{{ 5 }}`; undefined where it takes a run to know. */
export function toLiteral(value: Json | undefined, shape: Shape): Json | undefined {
  if (typeof value !== "string") return value;
  const inner = wholeExpression(value);
  if (inner !== null) {
    const literal = parsed(inner);
    if (literal !== undefined && (shape.control.kind !== "text" || typeof literal === "string"))
      return literal;
  }
  if (value.includes("{{")) return undefined;
  return shape.control.kind === "text" || shape.control.kind === "any" ? value : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
