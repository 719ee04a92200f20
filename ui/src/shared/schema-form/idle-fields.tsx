/** Values that do nothing with what is chosen now, as of a file that was imported: they are named, and can be taken away. */
import { Button } from "@mantine/core";
import classes from "./form.module.css";
import { useForm } from "./form-context";
import type { FieldSpec } from "./layout";
import type { Path } from "./values";
import { labelOf } from "./words";

interface Props {
  path: Path;
  fields: readonly FieldSpec[];
}

export function IdleFields({ path, fields }: Props) {
  const { edit, readOnly } = useForm();
  if (fields.length === 0) return null;
  const names = fields.map(({ name, schema }) => labelOf(name, schema).label).join(", ");
  return (
    <div className={classes.idle}>
      <span>Set, but without effect as things are chosen: {names}.</span>
      {!readOnly && (
        <Button
          variant="default"
          size="compact-xs"
          onClick={() => {
            for (const { name } of fields) edit([...path, name], undefined);
          }}
        >
          Remove
        </Button>
      )}
    </div>
  );
}
