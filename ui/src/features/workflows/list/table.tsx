import { Checkbox, Table } from "@mantine/core";
import stacked from "@/shared/ui/stacked.module.css";
import type { WorkflowLine } from "../api";
import type { WorkflowLinks } from "../links";
import styles from "../workflows.module.css";
import { Row } from "./row";
import type { Selection } from "./use-selection";

interface Props {
  lines: readonly WorkflowLine[];
  selection: Selection;
  links: WorkflowLinks;
  onTag: (tag: string) => void;
}

export function WorkflowTable({ lines, selection, links, onTag }: Props) {
  const ids = lines.map((line) => line.workflow_id);
  const chosen = ids.filter((id) => selection.has(id)).length;
  return (
    <Table className={`${styles.table} ${stacked.table}`} verticalSpacing="sm" aria-label="Workflows">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={40}>
            <Checkbox
              aria-label="Select all on this page"
              checked={chosen > 0 && chosen === ids.length}
              indeterminate={chosen > 0 && chosen < ids.length}
              onChange={() => selection.setAll(chosen === ids.length ? [] : ids)}
            />
          </Table.Th>
          <Table.Th>Name</Table.Th>
          <Table.Th w={124}>State</Table.Th>
          <Table.Th w={64}>On</Table.Th>
          <Table.Th w={124}>Last run</Table.Th>
          <Table.Th w={124} className={styles.wide}>
            Last 20 runs
          </Table.Th>
          <Table.Th w={110} className={styles.wide}>
            Changed
          </Table.Th>
          <Table.Th w={48} aria-label="More" />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map((line) => (
          <Row key={line.workflow_id} line={line} selection={selection} links={links} onTag={onTag} />
        ))}
      </Table.Tbody>
    </Table>
  );
}
