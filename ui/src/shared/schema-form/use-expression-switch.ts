/** Whether a field is a value or an expression. One that was an expression stays so while it is emptied and written anew. */
import { useState } from "react";
import type { Json } from "@/graph/workflow";
import { hasExpression } from "../code/expression/tokens";
import type { Shape } from "./control";

export interface ExpressionSwitch {
  readonly asExpression: boolean;
  /** It became one here and now, so the editor takes the focus. */
  readonly focus: boolean;
  readonly choose: (expression: boolean) => void;
}

export function useExpressionSwitch(value: Json | undefined, shape: Shape): ExpressionSwitch {
  const [chosen, setChosen] = useState(false);
  const [focus, setFocus] = useState(false);
  const written = shape.template && typeof value === "string" && hasExpression(value);
  if (written && !chosen) setChosen(true);
  const possible = value === undefined || typeof value === "string";
  return {
    asExpression: written || (shape.template && chosen && possible),
    focus,
    choose: (expression) => {
      setChosen(expression);
      setFocus(expression);
    },
  };
}
