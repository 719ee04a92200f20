/** The places that the bar at the left leads to, in its order. */
import type { Icon } from "@tabler/icons-react";

interface Place {
  to: string;
  label: string;
  icon: Icon;
  /** Only for those who look after the installation. */
  administrators?: boolean;
}

export const PLACES: readonly Place[] = [];
