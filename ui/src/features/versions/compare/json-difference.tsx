import { Loader } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { Workflow } from "@/graph/workflow";
import { whenThere } from "@/shared/api/reach";
import styles from "../versions.module.css";

const JsonMerge = lazy(() => whenThere(() => import("./json-merge")));

/** Two versions as JSON, side by side. */
export function JsonDifference({ before, after }: { before: Workflow; after: Workflow }) {
  return (
    <div className={styles.json}>
      <Suspense fallback={<Loader m="xl" role="status" aria-label="The texts are being compared" />}>
        <JsonMerge before={textOf(before)} after={textOf(after)} />
      </Suspense>
    </div>
  );
}

function textOf(workflow: Workflow): string {
  return JSON.stringify(workflow, null, 2);
}
