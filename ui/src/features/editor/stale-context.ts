/** Who shows what differs when somebody else has saved. */
import { createContext, useContext } from "react";
import type { OnStale } from "./stale";

const StaleContext = createContext<OnStale | undefined>(undefined);
export const OnStaleProvider = StaleContext.Provider;

export function useOnStale(): OnStale | undefined {
  return useContext(StaleContext);
}
