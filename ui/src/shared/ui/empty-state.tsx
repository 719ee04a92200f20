import { Center, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import type { Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";

interface Props {
  icon: Icon;
  title: string;
  /** What this place is for, and what to do next. */
  children: ReactNode;
  actions?: ReactNode;
}

/** A place with nothing in it, which says what to do. */
export function EmptyState({ icon: Shown, title, children, actions }: Props) {
  return (
    <Center py={64} px="md">
      <Stack align="center" gap="sm" maw={440}>
        <ThemeIcon variant="light" size={56} radius="xl" aria-hidden="true">
          <Shown size={28} stroke={1.6} />
        </ThemeIcon>
        <Title order={2} size="h4" ta="center">
          {title}
        </Title>
        <Text c="dimmed" ta="center" component="div">
          {children}
        </Text>
        {actions}
      </Stack>
    </Center>
  );
}
