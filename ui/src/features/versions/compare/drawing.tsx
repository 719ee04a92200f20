import { Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { countDifferences, type WorkflowDifference } from "@/graph/diff";
import type { Workflow } from "@/graph/workflow";
import { nodeTypesQuery } from "@/shared/api/node-types";
import { GraphView } from "@/shared/graph-view";
import { ErrorState } from "@/shared/ui/error-state";
import styles from "../versions.module.css";
import { Changes } from "./changes";
import { drawnDifference } from "./drawn";

interface Props {
  after: Workflow;
  difference: WorkflowDifference;
  label: string;
}

/** The drawing with all that differs marked, and beside it what differs in words. */
export function DrawingOf({ after, difference, label }: Props) {
  const types = useQuery(nodeTypesQuery);
  const [selected, setSelected] = useState<string | null>(null);
  const drawn = useMemo(() => drawnDifference(after, difference), [after, difference]);
  if (types.isPending) return <Skeleton height="100%" radius={0} />;
  if (types.isError) return <ErrorState error={types.error} doing="draw the version" retry={types.refetch} />;
  return (
    <div className={styles.drawing}>
      <div className={styles.canvas}>
        <GraphView
          workflow={drawn.workflow}
          nodeTypes={types.data}
          marks={drawn.marks}
          label={label}
          selected={selected}
          onSelect={setSelected}
        />
      </div>
      {countDifferences(difference) > 0 && (
        <section className={styles.changes} aria-label="What differs">
          <Changes difference={difference} selected={selected} onSelect={setSelected} />
        </section>
      )}
    </div>
  );
}
