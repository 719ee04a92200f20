import { Alert, List } from "@mantine/core";
import { IconPlugX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { TimeAgo } from "@/shared/ui/time-ago";
import { brokenConnections } from "./api";

/** Systems that do not answer, if there are any. */
export function Breakers() {
  const broken = useQuery(brokenConnections).data ?? [];
  if (broken.length === 0) return null;
  return (
    <Alert color="orange" icon={<IconPlugX aria-hidden="true" />} title="Systems that do not answer">
      <List size="sm" spacing={4}>
        {broken.map((one) => (
          <List.Item key={one.connection_id}>
            {one.name}: {one.breaker.failures} failures in a row; it is asked again{" "}
            <TimeAgo time={one.breaker.open_until} empty="with the next request" />.
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
