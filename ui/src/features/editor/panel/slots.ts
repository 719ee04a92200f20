/** What other features do for the panel; app/ puts them together. Where one is missing, the panel does without. */
import { createContext, useContext } from "react";

export interface PanelSlots {
  /** Opens the form for a new connection of one of these kinds; the id of what was made, null when nothing was. */
  readonly createConnection?: (kinds: readonly string[]) => Promise<string | null>;
  /** The address of the page of a workflow, to open it from a field that names it. */
  readonly workflowHref?: (workflowId: string) => string;
}

const SlotsContext = createContext<PanelSlots>({});
export const PanelSlotsProvider = SlotsContext.Provider;

export function usePanelSlots(): PanelSlots {
  return useContext(SlotsContext);
}
