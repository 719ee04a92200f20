/** What an empty place says: run something, begin with a template, draw; and a look around. */
import { Alert, Button, Code, Group, SimpleGrid, Stack, Text, ThemeIcon } from "@mantine/core";
import {
  type Icon,
  IconCircleCheck,
  IconMap2,
  IconPencil,
  IconPlayerPlay,
  IconTemplate,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useSession } from "@/shared/api/session";
import { ErrorState } from "@/shared/ui/error-state";
import { HrefLink } from "@/shared/ui/href-link";
import { Page } from "@/shared/ui/page";
import { type FirstRun, useRunSample } from "./api";
import { hadTour, useTour } from "./tour-store";
import styles from "./welcome.module.css";

interface Props {
  /** The template that is run with one click. */
  sample: string;
  links: {
    templates: string;
    workflows: string;
    workflow: (workflowId: string) => string;
    execution: (executionId: string) => string;
  };
}

export function Welcome({ sample, links }: Props) {
  const user = useSession((session) => session.user);
  const name = user?.display_name || user?.username || "stranger";
  const run = useRunSample(sample, name);
  const start = useTour((tour) => tour.start);
  return (
    <Page title={`Welcome, ${name}`} description="Nothing is here yet. Three ways to begin:" width="narrow">
      <Stack gap="md">
        <SimpleGrid cols={{ base: 1, xs: 3 }} spacing="md">
          <Way
            icon={IconPlayerPlay}
            title="See one run"
            text="A small workflow that greets you, made and run for you."
          >
            <Button loading={run.isPending} onClick={() => run.mutate()} disabled={run.isSuccess}>
              Run a sample
            </Button>
          </Way>
          <Way
            icon={IconTemplate}
            title="Begin with a template"
            text="Twenty workflows that work, yours to change."
          >
            <Button component={HrefLink} href={links.templates} variant="default">
              Show templates
            </Button>
          </Way>
          <Way
            icon={IconPencil}
            title="Draw your own"
            text="An empty canvas, and every kind of step there is."
          >
            <Button component={HrefLink} href={links.workflows} variant="default">
              Go to workflows
            </Button>
          </Way>
        </SimpleGrid>
        {run.error && <ErrorState error={run.error} doing="run the sample" retry={() => run.mutate()} />}
        {run.data && <Ran run={run.data} links={links} />}
        {!hadTour(user?.user_id ?? 0) && (
          <section className={styles.offer} aria-label="A look around">
            <Group wrap="nowrap">
              <ThemeIcon variant="light" size={40} radius="xl" aria-hidden="true">
                <IconMap2 size={22} stroke={1.7} />
              </ThemeIcon>
              <div>
                <Text fw={620}>A look around</Text>
                <Text size="sm" c="dimmed">
                  Five steps, one minute. It is in the help menu too, for later.
                </Text>
              </div>
            </Group>
            <Button variant="light" onClick={start}>
              Take the tour
            </Button>
          </section>
        )}
      </Stack>
    </Page>
  );
}

interface WayProps {
  icon: Icon;
  title: string;
  text: string;
  children: ReactNode;
}

function Way({ icon: Shown, title, text, children }: WayProps) {
  return (
    <section className={styles.way} aria-label={title}>
      <ThemeIcon variant="light" size={40} radius="md" aria-hidden="true">
        <Shown size={22} stroke={1.7} />
      </ThemeIcon>
      <h2 className={styles.wayTitle}>{title}</h2>
      <Text size="sm" c="dimmed" flex={1}>
        {text}
      </Text>
      {children}
    </section>
  );
}

function Ran({ run, links }: { run: FirstRun; links: Props["links"] }) {
  const well = run.status === "completed";
  return (
    <Alert
      color={well ? "teal" : "yellow"}
      variant="outline"
      bg="var(--wb-surface)"
      icon={<IconCircleCheck aria-hidden="true" />}
      title={well ? "It ran, and said:" : `It is ${run.status}`}
      role="status"
    >
      {well && (
        <Code block>{typeof run.output === "string" ? run.output : JSON.stringify(run.output, null, 2)}</Code>
      )}
      <Group mt="sm" gap="sm">
        <Button component={HrefLink} href={links.execution(run.executionId)} size="xs">
          See how it ran
        </Button>
        <Button component={HrefLink} href={links.workflow(run.workflowId)} size="xs" variant="default">
          Open it in the editor
        </Button>
      </Group>
    </Alert>
  );
}
