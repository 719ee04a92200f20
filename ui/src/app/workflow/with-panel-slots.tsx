/** What the panel of the editor gets from other features: connections are made where they are wanted. */

import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { type PanelSlots, PanelSlotsProvider } from "@/features/editor";
import { whenThere } from "@/shared/api/reach";
import { links } from "../links";

const ConnectionDialog = lazy(async () => ({
  default: (await whenThere(() => import("@/features/connections"))).ConnectionDialog,
}));

interface Wanted {
  readonly kinds: readonly string[];
  readonly answer: (connectionId: string | null) => void;
}

interface Props {
  /** What the panel shows of a run. */
  result: NonNullable<PanelSlots["result"]>;
  children: ReactNode;
}

export function WithPanelSlots({ result, children }: Props) {
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const slots = useMemo<PanelSlots>(
    () => ({
      createConnection: (kinds) => new Promise((answer) => setWanted({ kinds, answer })),
      workflowHref: links.workflow,
      triggersHref: links.triggers,
      result,
    }),
    [result],
  );
  const end = (connectionId: string | null) => {
    wanted?.answer(connectionId);
    setWanted(null);
  };
  return (
    <PanelSlotsProvider value={slots}>
      {children}
      {wanted && (
        <Suspense fallback={null}>
          <ConnectionDialog
            kinds={wanted.kinds}
            onClose={() => end(null)}
            onSaved={(saved) => end(saved.connection_id)}
          />
        </Suspense>
      )}
    </PanelSlotsProvider>
  );
}
