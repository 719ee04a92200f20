/** Puts the expression of a value into the field that was last edited. */
import { useRef } from "react";
import type { InsertTarget } from "@/shared/schema-form/form-context";
import { notifyDone } from "@/shared/ui/notify";

export interface Insert {
  readonly onFocusField: (target: InsertTarget) => void;
  readonly onPick: (expression: string) => void;
}

export function useInsert(): Insert {
  const target = useRef<InsertTarget | null>(null);
  const made = useRef<Insert>({
    onFocusField: (field) => {
      target.current = field;
    },
    onPick: (expression) => {
      if (target.current) target.current.insert(expression);
      else notifyDone("Click into a field first; a click on a value then puts it there.");
    },
  });
  return made.current;
}
