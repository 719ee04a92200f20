/** One value of a step: as a tree, a table or text; large ones are read on as they are looked at. */
import { Button, Group, SegmentedControl, Table, Text } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { CopyButton } from "@/shared/ui/copy-button";
import { notifyError } from "@/shared/ui/notify";
import styles from "./inspection.module.css";
import { type Excerpt, type Partial, partialOf, shortly, tableOf, withPart } from "./parts";
import { ValueTree } from "./value-tree";

/** Reads a list, object or text on from where it was cut. */
export type ReadOn = (path: string, shown: number) => Promise<Excerpt>;

interface Props {
  /** What it is, as “Output”. */
  label: string;
  excerpt: Excerpt;
  readOn: ReadOn | null;
  /** What can be done with it. */
  actions?: ReactNode;
}

const LOOKS = [
  { value: "tree", label: "Tree" },
  { value: "table", label: "Table" },
  { value: "raw", label: "Raw" },
];
const MOST_IN_TABLE = 500;

export function ValueView({ label, excerpt, readOn, actions }: Props) {
  const [look, setLook] = useState("tree");
  const { partial, more, loading } = useParts(excerpt, readOn);
  const what = `the ${label.toLowerCase()}`;
  return (
    <div className={styles.body}>
      <div className={styles.toolbar}>
        <SegmentedControl
          size="xs"
          data={LOOKS}
          value={look}
          onChange={setLook}
          aria-label={`How to show ${what}`}
        />
        <Group gap={6}>
          <Text size="xs" c="dimmed">
            {describe(excerpt)}
          </Text>
          <CopyButton value={JSON.stringify(partial.value, null, 2) ?? ""} what={what} />
          {actions}
        </Group>
      </div>
      {look === "tree" && <ValueTree partial={partial} label={label} onMore={more} loading={loading} />}
      {look === "table" && <ValueTable partial={partial} label={label} onMore={more} />}
      {look === "raw" && <Raw partial={partial} label={label} />}
    </div>
  );
}

function describe(excerpt: Excerpt): string {
  if (excerpt.length === null) return excerpt.kind;
  const unit = excerpt.kind === "text" ? "character" : excerpt.kind === "list" ? "item" : "field";
  return `${excerpt.length.toLocaleString()} ${unit}${excerpt.length === 1 ? "" : "s"}`;
}

function useParts(excerpt: Excerpt, readOn: ReadOn | null) {
  const [partial, setPartial] = useState<Partial>(() => partialOf(excerpt));
  const [loading, setLoading] = useState(false);
  useEffect(() => setPartial(partialOf(excerpt)), [excerpt]);

  async function more(path: string, shown: number): Promise<void> {
    if (readOn === null) return;
    setLoading(true);
    try {
      const part = await readOn(path, shown);
      setPartial((before) => withPart(before, path, part));
    } catch (error) {
      notifyError("read more of the value", error);
    } finally {
      setLoading(false);
    }
  }

  return { partial, more: (path: string, shown: number) => void more(path, shown), loading };
}

function ValueTable({
  partial,
  label,
  onMore,
}: {
  partial: Partial;
  label: string;
  onMore: (path: string, shown: number) => void;
}) {
  const table = tableOf(partial.value);
  const cut = partial.cuts.get("");
  if (table === null) return <Raw partial={partial} label={label} />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className={styles.scroll} aria-label={`${label} as a table`} tabIndex={0}>
      <Table stickyHeader withColumnBorders fz="xs">
        <Table.Thead>
          <Table.Tr>
            {table.columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.slice(0, MOST_IN_TABLE).map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: items of a value have no other name
            <Table.Tr key={place}>
              {table.columns.map((column, number) => (
                <Table.Td key={column} className={styles.cell}>
                  {row[number] === undefined ? "" : shortly(row[number])}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {cut && (
        <Button size="compact-xs" variant="light" m="xs" onClick={() => onMore("", cut.shown)}>
          {`Show more (${cut.shown.toLocaleString()} of ${cut.length.toLocaleString()})`}
        </Button>
      )}
    </section>
  );
}

function Raw({ partial, label }: { partial: Partial; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keyboard
    <section className={styles.scroll} aria-label={`${label} as text`} tabIndex={0}>
      <pre className={styles.raw}>
        {typeof partial.value === "string" ? partial.value : JSON.stringify(partial.value, null, 2)}
      </pre>
      {partial.cuts.size > 0 && (
        <Text size="xs" c="dimmed" px={8}>
          Not all of it: the tree reads on where something was left out.
        </Text>
      )}
    </section>
  );
}
