import { Group, Kbd } from "@mantine/core";
import { written } from "./keys";

/** Keys as they look on a keyboard. */
export function KeyCaps({ keys }: { keys: string }) {
  return (
    <Group gap={3} wrap="nowrap" component="span">
      {written(keys).map((key) => (
        <Kbd key={key} size="xs" style={{ whiteSpace: "nowrap" }}>
          {key}
        </Kbd>
      ))}
    </Group>
  );
}
