/** One plain value of a list. */
import { type ReactNode, useCallback, useMemo } from "react";
import type { Json } from "@/graph/workflow";
import type { Shape } from "../control";
import { FieldFaults } from "../field-faults";
import classes from "../form.module.css";
import { useFaults, useForm } from "../form-context";
import type { JsonSchema } from "../schema";
import { useExpressionSwitch } from "../use-expression-switch";
import type { Path } from "../values";

export interface RowProps {
  place: number;
  schema: JsonSchema;
  shape: Shape;
  value: Json;
  path: Path;
  label: string;
  name: string;
  opened: boolean;
  actions: ReactNode;
  whole: readonly Json[] | null;
}

export function ListRow({ place, shape, value, path: parent, label, actions, whole }: RowProps) {
  const { parts, id, edit } = useForm();
  const path = useMemo(() => [...parent, place], [parent, place]);
  const faults = useFaults(path, true);
  const { asExpression, focus, choose } = useExpressionSwitch(value, shape);
  const change = useCallback(
    (next: Json | undefined) => {
      const kept = next ?? "";
      if (whole === null) edit(path, kept);
      else
        edit(
          parent,
          whole.map((one, at) => (at === place ? kept : one)),
        );
    },
    [edit, path, parent, place, whole],
  );
  return (
    <div className={classes.row}>
      <div className={classes.rowBody}>
        <parts.Body
          id={`${id}-${path.join("-")}`}
          label={`${label} ${place + 1}`}
          name=""
          shape={shape}
          value={value}
          path={path}
          onChange={change}
          onExpression={() => choose(true)}
          asExpression={asExpression}
          required
          invalid={faults.length > 0}
          focusExpression={focus}
        />
        <FieldFaults own={null} faults={faults} />
      </div>
      {actions}
    </div>
  );
}
