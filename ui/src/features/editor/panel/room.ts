/** How much room the panel takes beside the drawing: kept in this browser. */
import { useLocalStorage } from "@mantine/hooks";

const RAIL = 44;

/** Where there is none, the drawing comes first. */
const hasRoom = () => matchMedia("(min-width: 56.25em)").matches;

function useKept<Value>(key: string, defaultValue: Value) {
  return useLocalStorage({ key, defaultValue, getInitialValueInEffect: false });
}

export function usePanelRoom() {
  const [width, setWidth] = useKept("wingbeat-panel-width", 440);
  const [stepOpen, setStepOpen] = useKept("wingbeat-panel-open", hasRoom());
  const [workflowOpen, setWorkflowOpen] = useKept("wingbeat-overview-open", false);
  return { width, setWidth, stepOpen, setStepOpen, workflowOpen, setWorkflowOpen };
}

/** What the drawing loses when a step is selected where nothing was. */
export function useRoomToLose(): number {
  const { width, stepOpen, workflowOpen } = usePanelRoom();
  return stepOpen && !workflowOpen && hasRoom() ? width - RAIL : 0;
}
