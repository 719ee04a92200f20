/** What is wrong with a field: seen here as it is typed, or said by the server. */
import { Text } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle } from "@tabler/icons-react";
import classes from "./form.module.css";
import type { FieldFault } from "./form-context";
import { Prose } from "./prose";

interface Props {
  own: string | null;
  faults: readonly FieldFault[];
}

export function FieldFaults({ own, faults }: Props) {
  if (faults.length === 0 && own === null) return null;
  const shown: FieldFault[] =
    faults.length > 0 ? [...faults] : [{ path: "", message: own ?? "", fix: "", severity: "error" }];
  return (
    <div role="alert">
      {shown.map(({ path, message, fix, severity }) => (
        <Text
          key={`${path} ${message}`}
          component="div"
          size="xs"
          className={classes.fault}
          data-severity={severity}
        >
          {severity === "error" ? (
            <IconAlertCircle size={14} aria-label="Error" />
          ) : (
            <IconAlertTriangle size={14} aria-label="Warning" />
          )}
          <span>
            <Prose text={`${message} ${fix}`.trim()} />
          </span>
        </Text>
      ))}
    </div>
  );
}
