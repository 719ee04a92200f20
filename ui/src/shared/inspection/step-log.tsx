/** What a step said while it ran. */
import { Stack, Text } from "@mantine/core";

export function StepLog({ lines }: { lines: unknown }) {
  const told = Array.isArray(lines) ? (lines as { message?: unknown; fields?: unknown }[]) : [];
  return (
    <Stack gap={4} component="ol" m={0} pl="lg">
      {told.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a log have no other name
        <Text key={place} size="xs" ff="monospace" component="li" style={{ overflowWrap: "anywhere" }}>
          {String(line.message ?? "")} {line.fields ? JSON.stringify(line.fields) : ""}
        </Text>
      ))}
    </Stack>
  );
}
