/** Says that the connection for live events is lost, while it is. */
import { Badge, Tooltip } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { link } from "./connection";

/** A connection that comes back at once is not worth a word. */
const GRACE_MS = 400;

export function LinkBadge() {
  const lost = useStore(link, ({ state }) => state === "reconnecting");
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(lost), lost ? GRACE_MS : 0);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <span role="status">
      {shown && (
        <Tooltip label="What happens meanwhile is shown when the connection is back. Nothing is lost.">
          <Badge color="orange" variant="light" tt="none" leftSection={<IconPlugConnectedX size={13} />}>
            Reconnecting
          </Badge>
        </Tooltip>
      )}
    </span>
  );
}
