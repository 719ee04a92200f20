/** How the expression of a value is written at a place of a text. */
import type { Mode } from "./scope";
import { piecesOf } from "./tokens";

/** The type under which a dragged expression travels. */
export const EXPRESSION_TYPE = "application/x-wingbeat-expression";

/** In braces, unless the place is within some already or the whole text is one expression. */
export function placeExpression(source: string, position: number, expression: string, mode: Mode): string {
  if (mode === "expression") return expression;
  const within = piecesOf(source).some(
    ({ from, innerFrom, innerTo }) => from < position && position >= innerFrom && position <= innerTo,
  );
  return within ? expression : `{{ ${expression} }}`;
}
