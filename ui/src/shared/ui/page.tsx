import { Box, Container, Group, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

interface Props {
  title: string;
  description?: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** What is read line by line is easier to read when it is narrow; it begins where all pages do. */
  width?: "narrow" | "wide";
  children: ReactNode;
}

/** A page of lists or forms: its title, what one can do, and the rest. */
export function Page({ title, description, actions, width = "wide", children }: Props) {
  useDocumentTitle(`${title} · Wingbeat`);
  return (
    <Container size={1320} px={{ base: "md", sm: "xl" }} py="lg" w="100%">
      <Group justify="space-between" align="flex-start" mb="lg" gap="md">
        <div>
          <Title order={1} size="h2">
            {title}
          </Title>
          {description && (
            <Text c="dimmed" mt={2}>
              {description}
            </Text>
          )}
        </div>
        {actions && <Group gap="sm">{actions}</Group>}
      </Group>
      {width === "narrow" ? <Box maw={720}>{children}</Box> : children}
    </Container>
  );
}
