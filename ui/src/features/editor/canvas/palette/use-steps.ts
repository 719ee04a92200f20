import { useMemo } from "react";
import type { NodeType } from "@/graph/node-type";
import { useEditor } from "../../store";
import { fits, type Intent } from "../placing";

/** All steps that there are, or those that can be put somewhere. */
export function useSteps(intent: Intent | null): readonly NodeType[] {
  const types = useEditor((state) => state.nodeTypes);
  return useMemo(
    () => [...types.values()].filter((type) => intent === null || fits(type, intent)),
    [types, intent],
  );
}
