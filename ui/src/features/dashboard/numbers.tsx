/** The cards at the top: how many, how well, how long, and what there is now. */
import { SimpleGrid } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight, IconEqual } from "@tabler/icons-react";
import { Duration } from "@/shared/ui/duration";
import { HrefLink } from "@/shared/ui/href-link";
import type { Overview } from "./api";
import { Card } from "./card";
import styles from "./dashboard.module.css";
import { type Change, changeOf, percent, pointsOf } from "./figures";
import type { DashboardLinks } from "./links";

interface Props {
  overview: Overview;
  /** What is compared with, in words. */
  than: string;
  links: DashboardLinks;
  workflowId?: string;
}

export function Numbers({ overview, than, links, workflowId }: Props) {
  const { totals, before, now } = overview;
  return (
    <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="md">
      <Card title="Executions">
        <span className={styles.value}>{totals.executions.toLocaleString()}</span>
        <span className={styles.change}>
          {totals.completed.toLocaleString()} completed, {totals.failed.toLocaleString()} failed
        </span>
        <Changed change={changeOf(totals.executions, before.executions)} than={than} />
      </Card>
      <Card title="Success rate">
        <span className={styles.value}>{percent(totals.success_rate)}</span>
        <span className={styles.change}>of those that completed or failed</span>
        <Changed change={pointsOf(totals.success_rate, before.success_rate)} than={than} />
      </Card>
      <Card title="Duration" broad>
        <dl className={styles.numbers}>
          {(["p50", "p95", "p99"] as const).map((name) => (
            <div key={name}>
              <dt>{WORDS[name]}</dt>
              <dd>
                <Duration seconds={totals.duration?.[name]} />
              </dd>
            </div>
          ))}
        </dl>
      </Card>
      <Card title="Now" broad>
        <dl className={`${styles.numbers} ${styles.now}`}>
          {NOW.filter(({ name }) => name !== "parked" || now.parked > 0).map(({ name, label, status }) => (
            <div key={name}>
              <dt>{label}</dt>
              <dd>
                <HrefLink
                  href={links.executions({ statuses: [status], workflowId })}
                  aria-label={`${now[name]} ${label.toLowerCase()}: show them`}
                >
                  {now[name].toLocaleString()}
                </HrefLink>
              </dd>
            </div>
          ))}
        </dl>
      </Card>
    </SimpleGrid>
  );
}

const WORDS = { p50: "half within", p95: "95 % within", p99: "99 % within" };
const NOW = [
  { name: "running", label: "Running", status: "running" },
  { name: "queued", label: "Queued", status: "pending" },
  { name: "waiting", label: "Waiting", status: "waiting" },
  { name: "paused", label: "Paused", status: "paused" },
  { name: "parked", label: "Parked", status: "pending" },
] as const;
const ARROWS = { up: IconArrowUpRight, down: IconArrowDownRight, same: IconEqual };

function Changed({ change, than }: { change: Change | null; than: string }) {
  // A first week has nothing before it, which is no fault that has to be told.
  if (change === null) return null;
  const Arrow = ARROWS[change.direction];
  return (
    <span className={styles.change}>
      <Arrow size={15} aria-hidden="true" />
      {change.text} {than}
    </span>
  );
}
