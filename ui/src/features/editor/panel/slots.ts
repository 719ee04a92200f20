/** What other features do for the panel; app/ puts them together. Where one is missing, the panel does without. */
import { createContext, type ReactNode, useContext } from "react";
import type { Json } from "@/graph/workflow";

export interface ResultProps {
  readonly nodeId: string;
  readonly name: string;
  /** The latest run in which the node was, as far as one is known. */
  readonly latest: string | null;
  /** Takes an output for the one that the node is to give; null where nothing can be pinned. */
  readonly onPin: ((output: Json) => void) | null;
  /** Where nothing has run. */
  readonly nothing: ReactNode;
}

export interface PanelSlots {
  /** Opens the form for a new connection of one of these kinds; the id of what was made, null when nothing was. */
  readonly createConnection?: (kinds: readonly string[]) => Promise<string | null>;
  /** The address of the page of a workflow, to open it from a field that names it. */
  readonly workflowHref?: (workflowId: string) => string;
  /** The address of the page with all that starts a workflow from outside. */
  readonly triggersHref?: (workflowId: string) => string;
  /** What a node did in a run. */
  readonly result?: (props: ResultProps) => ReactNode;
}

const SlotsContext = createContext<PanelSlots>({});
export const PanelSlotsProvider = SlotsContext.Provider;

export function usePanelSlots(): PanelSlots {
  return useContext(SlotsContext);
}
