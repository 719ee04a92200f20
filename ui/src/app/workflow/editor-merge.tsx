/** Two people on one workflow: whoever saves second is shown what the first saved, and brings both together. */
import { useState } from "react";
import type { Stale } from "@/features/editor";
import { MergeDialog } from "@/features/versions";
import { notifyDone } from "@/shared/ui/notify";

/** The dialog while there is something to bring together, and who asks for it. */
export function useMerging() {
  const [stale, setStale] = useState<Stale | null>(null);
  const close = () => setStale(null);
  const dialog = stale && (
    <MergeDialog
      base={stale.base}
      mine={stale.mine}
      theirs={stale.theirs}
      revision={stale.revision}
      onMerge={(merged) => {
        stale.accept(merged);
        close();
        notifyDone("Both are merged. Look at it, then save.");
      }}
      onTakeTheirs={() => {
        stale.accept(stale.theirs);
        close();
      }}
      onClose={close}
    />
  );
  return { dialog, onStale: setStale };
}
