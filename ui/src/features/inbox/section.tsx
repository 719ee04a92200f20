import { Divider, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";

interface PartsProps {
  mine: ReactNode[];
  others: ReactNode[];
  othersTitle: string;
}

/** What is mine, and below a line what others are asked. */
export function Parts({ mine, others, othersTitle }: PartsProps) {
  return (
    <Stack gap="sm">
      {mine}
      {others.length > 0 && (
        <Divider mt="md" label={<Text size="sm">{othersTitle}</Text>} labelPosition="left" />
      )}
      {others}
    </Stack>
  );
}
