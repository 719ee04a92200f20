/** Places for the steps of a workflow that was made without a drawing, as over the API: else all lay in one heap. */
import { useEffect, useState } from "react";
import { arrange, isUnplaced } from "@/graph/layout";
import type { NodeTypes } from "@/graph/node-type";
import type { Workflow } from "@/graph/workflow";

/** The workflow as it is drawn; null while its steps are being laid out. Nothing of this is saved by itself. */
export function usePlaced(workflow: Workflow | null, types: NodeTypes | null): Workflow | null {
  const [placed, setPlaced] = useState<Workflow | null>(null);
  const needed = workflow !== null && types !== null && isUnplaced(workflow);
  useEffect(() => {
    if (!needed) return;
    let wanted = true;
    const show = (found: Workflow) => wanted && setPlaced(found);
    // Where the engine cannot be had, a heap is better than nothing.
    place(workflow, types).then(show, () => show(workflow));
    return () => {
      wanted = false;
    };
  }, [needed, workflow, types]);
  return needed ? placed : workflow;
}

async function place(workflow: Workflow, types: NodeTypes): Promise<Workflow> {
  const { layOut } = await import("./lay-out");
  return arrange(await layOut(workflow, types, null), types)(workflow);
}
