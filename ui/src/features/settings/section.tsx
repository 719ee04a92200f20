import { Card, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title: string;
  help?: string;
  children: ReactNode;
}

/** A part of the settings. */
export function Section({ title, help, children }: Props) {
  return (
    <Card withBorder padding="lg" component="section" aria-label={title}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {help && (
        <Text size="sm" c="dimmed" mb="sm">
          {help}
        </Text>
      )}
      {children}
    </Card>
  );
}
