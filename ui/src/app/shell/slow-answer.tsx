import { Button } from "@mantine/core";
import { IconHourglass } from "@tabler/icons-react";
import { type Query, useIsFetching, useIsMutating, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { reach } from "@/shared/api/reach";
import styles from "./unreachable.module.css";

const LONG_MS = 10_000;
/** What a page has nothing to show for yet. */
const FIRST = { predicate: ({ state }: Query) => state.status === "pending" };

/** Says that an answer takes long, and asks for it anew where somebody wants that. */
export function SlowAnswer() {
  const queries = useQueryClient();
  const loading = useIsFetching(FIRST) > 0;
  const sending = useIsMutating() > 0;
  const silent = useStore(reach, ({ answers }) => !answers);
  const [isLong, setIsLong] = useState(false);
  const waits = loading || sending;
  useEffect(() => {
    setIsLong(false);
    if (!waits) return;
    const timer = setTimeout(() => setIsLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, [waits]);
  const again = async () => {
    setIsLong(false);
    await queries.cancelQueries(FIRST);
    void queries.refetchQueries({ type: "active", ...FIRST });
  };
  return (
    <div role="status" className={styles.place}>
      {isLong && waits && !silent && (
        <p className={styles.words} data-patient>
          <IconHourglass size={16} aria-hidden="true" />
          {loading ? "What this page shows takes long to come." : "The answer takes long to come."}
          {loading && (
            <Button size="compact-xs" variant="light" onClick={again}>
              Ask again
            </Button>
          )}
        </p>
      )}
    </div>
  );
}
