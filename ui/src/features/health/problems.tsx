import { Alert, List } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";

/** What somebody should mend, or that there is nothing. */
export function Problems({ problems }: { problems: readonly string[] }) {
  if (problems.length === 0) {
    return (
      <Alert color="teal" icon={<IconCircleCheck aria-hidden="true" />}>
        All is well: nothing needs mending.
      </Alert>
    );
  }
  return (
    <Alert
      color="orange"
      icon={<IconAlertTriangle aria-hidden="true" />}
      title={problems.length === 1 ? "One thing needs mending" : `${problems.length} things need mending`}
    >
      <List size="sm" spacing={4}>
        {problems.map((problem) => (
          <List.Item key={problem}>{problem}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
