/** One of several kinds of value: which one is chosen, and then filled in. */
import { SegmentedControl, Select } from "@mantine/core";
import { useMemo, useState } from "react";
import { couldBe, startOf } from "../check";
import { shapeOf } from "../control";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";

const NONE = "none";

export function UnionControl(props: ControlProps) {
  const { shape, value, onChange, label, name } = props;
  const { parts, root, readOnly } = useForm();
  const [forced, setForced] = useState<number | null>(null);
  const ways = shape.control.kind === "union" ? shape.control.ways : [];
  const fitting =
    value === undefined || value === null ? -1 : ways.findIndex((way) => couldBe(value, way.schema, root));
  const chosen = forced ?? (fitting < 0 && !shape.nullable ? 0 : fitting);
  const way = ways[chosen];
  const inner = useMemo(
    () => (way ? shapeOf(way.schema, root, name, shape.template) : null),
    [way, root, name, shape.template],
  );
  const data = ways.map((one, at) => ({ value: String(at), label: one.label }));
  if (shape.nullable) data.unshift({ value: NONE, label: "None" });

  function choose(next: string | null) {
    if (next === null) return;
    const at = next === NONE ? -1 : Number(next);
    setForced(at < 0 ? null : at);
    const picked = ways[at];
    if (picked === undefined) onChange(undefined);
    else if (value === undefined || value === null || !couldBe(value, picked.schema, root))
      onChange(startOf(picked.schema, root));
  }

  const select = { value: chosen < 0 ? NONE : String(chosen), onChange: choose, disabled: readOnly, data };
  return (
    <div className={classes.union}>
      {data.length <= 4 ? (
        <SegmentedControl size="xs" aria-label={`Kind of ${label}`} {...select} />
      ) : (
        <Select size="xs" aria-label={`Kind of ${label}`} allowDeselect={false} maw={220} {...select} />
      )}
      {inner !== null && <parts.Body {...props} shape={inner} asExpression={false} focusExpression={false} />}
    </div>
  );
}
