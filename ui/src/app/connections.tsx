/** Connections, and for administrators the APIs whose operations are steps. */
import { Button } from "@mantine/core";
import { IconApi } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import { ConnectionsPage } from "@/features/connections/pages/connections";
import { useSession } from "@/shared/api/session";

const ConnectorsDialog = lazy(async () => ({
  default: (await import("@/features/connectors")).ConnectorsDialog,
}));

export function Connections() {
  const administrator = useSession((session) => session.user?.is_admin ?? false);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <ConnectionsPage
        more={
          administrator && (
            <Button variant="default" leftSection={<IconApi size={17} />} onClick={() => setOpened(true)}>
              APIs as steps
            </Button>
          )
        }
      />
      {opened && (
        <Suspense fallback={null}>
          <ConnectorsDialog onClose={() => setOpened(false)} />
        </Suspense>
      )}
    </>
  );
}
