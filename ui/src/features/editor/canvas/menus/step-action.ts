import type { Icon } from "@tabler/icons-react";

/** Something that can be done with one step and that is no drawing: running to it, pinning its output. */
export interface StepAction {
  readonly label: string;
  readonly icon: Icon;
  readonly keys?: string;
  /** Left out of the menu of steps for which it says no. */
  readonly isFor?: (node: string) => boolean;
  readonly run: (node: string) => void;
}
