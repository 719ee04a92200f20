/** What the panel of the editor shows of a run: of the one on the canvas, of the test, or of the latest one. */

import { Skeleton } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import type { ResultProps } from "@/features/editor";
import { RehearsedStep, type RunStore } from "@/features/running";
import { whenThere } from "@/shared/api/reach";
import { links } from "../links";

const RunStep = lazy(async () => ({
  default: (await whenThere(() => import("@/features/executions/pages/run-step"))).RunStep,
}));

interface Props extends ResultProps {
  run: RunStore;
}

export function EditorResult({ run, nodeId, name, latest, onPin, nothing }: Props) {
  const onCanvas = useStore(run, (state) => state.executionId);
  const tested = useStore(run, (state) => state.rehearsal !== null);
  const navigate = useNavigate();
  if (tested) return <RehearsedStep store={run} nodeId={nodeId} onPin={onPin} />;
  const executionId = onCanvas ?? latest;
  if (executionId === null) return nothing;
  return (
    <Suspense fallback={<Skeleton height={200} m="md" />}>
      <RunStep
        key={executionId}
        executionId={executionId}
        nodeId={nodeId}
        name={name}
        onPin={onPin}
        link={links.execution}
        onForked={(forked) => void navigate({ to: links.execution(forked) })}
      />
    </Suspense>
  );
}
