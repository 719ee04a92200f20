/** The lists below the charts: what fails, what runs most, and what is slow. */
import { Badge, Table, Text } from "@mantine/core";
import { formatDuration } from "@/shared/time/format";
import { HrefLink } from "@/shared/ui/href-link";
import { TimeAgo } from "@/shared/ui/time-ago";
import type { Overview } from "./api";
import { Card } from "./card";
import styles from "./dashboard.module.css";
import { percent } from "./figures";
import type { DashboardLinks } from "./links";

interface Props {
  overview: Overview;
  links: DashboardLinks;
}

// So many fit beside a chart.
const SHOWN = 7;
const NAMELESS = "A workflow of somebody else";

export function FailingWorkflows({ overview, links }: Props) {
  const failing = overview.failing_workflows.slice(0, SHOWN);
  return (
    <Card title="Failing workflows">
      {failing.length === 0 ? (
        <Nothing>No execution failed in this time.</Nothing>
      ) : (
        <Table mt="xs" layout="fixed" highlightOnHover={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Workflow, and its last error</Table.Th>
              <Table.Th w={84} className={styles.number}>
                Failed
              </Table.Th>
              <Table.Th w={110}>Last</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {failing.map((one) => (
              <Table.Tr key={one.workflow_id}>
                <Table.Td>
                  <HrefLink className={styles.link} href={links.workflow(one.workflow_id)}>
                    {one.name ?? NAMELESS}
                  </HrefLink>
                  <HrefLink
                    className={styles.fault}
                    href={links.execution(one.last_execution_id)}
                    title={one.last_error_message ?? undefined}
                  >
                    {one.last_error_code ?? "Failed"}: {one.last_error_message}
                  </HrefLink>
                </Table.Td>
                <Table.Td className={styles.number}>
                  <HrefLink
                    className={styles.link}
                    aria-label={`${one.failed} failed executions of ${one.name ?? NAMELESS}`}
                    href={links.executions({
                      statuses: ["failed"],
                      workflowId: one.workflow_id,
                      since: overview.since,
                      until: overview.until,
                    })}
                  >
                    {one.failed.toLocaleString()}
                  </HrefLink>
                  <Text size="xs" c="dimmed">
                    {percent(one.success_rate === null ? null : 1 - one.success_rate)}
                  </Text>
                </Table.Td>
                <Table.Td>
                  <Text size="sm" component="div">
                    <TimeAgo time={one.last_failed_at} />
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

export function ActiveWorkflows({ overview, links }: Props) {
  const active = overview.active_workflows.slice(0, SHOWN);
  const most = Math.max(1, ...active.map((one) => one.executions));
  return (
    <Card title="Most active workflows">
      {active.length === 0 ? (
        <Nothing>Nothing ran in this time.</Nothing>
      ) : (
        <Table mt="xs" layout="fixed" highlightOnHover={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Workflow</Table.Th>
              <Table.Th w={110} className={styles.number}>
                Executions
              </Table.Th>
              <Table.Th w={100} className={styles.number}>
                Success
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {active.map((one) => (
              <Table.Tr key={one.workflow_id}>
                <Table.Td>
                  <HrefLink className={styles.link} href={links.workflow(one.workflow_id)}>
                    {one.name ?? NAMELESS}
                  </HrefLink>
                  <div className={styles.bar} style={{ width: `${(one.executions / most) * 100}%` }} />
                </Table.Td>
                <Table.Td className={styles.number}>
                  <HrefLink
                    className={styles.link}
                    aria-label={`${one.executions} executions of ${one.name ?? NAMELESS}`}
                    href={links.executions({
                      workflowId: one.workflow_id,
                      since: overview.since,
                      until: overview.until,
                    })}
                  >
                    {one.executions.toLocaleString()}
                  </HrefLink>
                </Table.Td>
                <Table.Td className={styles.number}>{percent(one.success_rate)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

export function SlowNodes({ overview, links }: Props) {
  const { nodes, executions } = overview.slow_nodes;
  return (
    <Card
      title="Slowest nodes"
      aside={
        executions > 0 && (
          <Badge variant="default" tt="none" fw={500}>
            in the last {executions.toLocaleString()} that ended
          </Badge>
        )
      }
    >
      {nodes.length === 0 ? (
        <Nothing>No steps to look at in this time.</Nothing>
      ) : (
        <Table mt="xs" layout="fixed" highlightOnHover={false}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Node</Table.Th>
              <Table.Th w={70} className={styles.number}>
                Runs
              </Table.Th>
              <Table.Th w={104} className={styles.number}>
                95 % within
              </Table.Th>
              <Table.Th w={92} className={styles.number}>
                Longest
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {nodes.slice(0, SHOWN).map((one) => (
              <Table.Tr key={`${one.workflow_id} ${one.node_id}`}>
                <Table.Td>
                  <HrefLink className={styles.link} href={links.workflow(one.workflow_id)}>
                    {one.node_name || one.node_id}
                  </HrefLink>
                  <span className={styles.clip}>{one.workflow_name ?? NAMELESS}</span>
                </Table.Td>
                <Table.Td className={styles.number}>{one.runs.toLocaleString()}</Table.Td>
                <Table.Td className={styles.number}>{formatDuration(one.p95)}</Table.Td>
                <Table.Td className={styles.number}>{formatDuration(one.longest)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function Nothing({ children }: { children: string }) {
  return (
    <Text size="sm" c="dimmed" ta="center" py={44}>
      {children}
    </Text>
  );
}
