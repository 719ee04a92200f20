import { Button, Card, Group, Select, Stack } from "@mantine/core";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Loaded } from "@/shared/ui/loaded";
import { notifyDone } from "@/shared/ui/notify";
import { Page } from "@/shared/ui/page";
import { type Connection, type ConnectionKind, connectionKinds, connectionList } from "../api";
import { ConnectionDialog } from "../connection-dialog";
import { type Act, ConnectionLine } from "../connection-line";
import { DeleteDialog } from "../delete-dialog";
import { RotateDialog } from "../rotate-dialog";
import { readConnectionsSearch } from "../search";

interface Open {
  act: Act | "create";
  connection?: Connection;
}

/** All connections that the person may see. */
export function ConnectionsPage({ more }: { more?: ReactNode }) {
  const { kind } = useSearch({ from: "/connections" });
  const navigate = useNavigate({ from: "/connections" });
  const [open, setOpen] = useState<Open | null>(null);
  const kinds = useQuery(connectionKinds).data ?? [];
  const make = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setOpen({ act: "create" })}>
      New connection
    </Button>
  );
  return (
    <Page
      title="Connections"
      description="What workflows sign in with at other systems. Secrets are kept encrypted and never shown again."
      actions={
        <Group gap="sm">
          {more}
          {make}
        </Group>
      }
    >
      <Stack gap="md">
        <Select
          aria-label="Kind"
          placeholder="All kinds"
          clearable
          w={260}
          data={kinds.map((one) => ({ value: one.kind, label: one.title }))}
          value={kind ?? null}
          onChange={(chosen) => navigate({ search: readConnectionsSearch({ kind: chosen }) })}
        />
        <List
          kind={kind}
          kinds={kinds}
          make={make}
          onAct={(act, connection) => setOpen({ act, connection })}
        />
      </Stack>
      {open && <OpenDialog open={open} kinds={kinds} onClose={() => setOpen(null)} />}
    </Page>
  );
}

interface ListProps {
  kind: string | undefined;
  kinds: readonly ConnectionKind[];
  make: React.ReactNode;
  onAct: (act: Act, connection: Connection) => void;
}

function List({ kind, kinds, make, onAct }: ListProps) {
  const query = useInfiniteQuery(connectionList(kind ? [kind] : []));
  return (
    <Loaded query={query} doing="load the connections" lineHeight={62}>
      {(found) =>
        found.length === 0 ? (
          <EmptyState
            icon={IconPlugConnected}
            title={kind ? "None of this kind" : "No connections yet"}
            actions={make}
          >
            Keys, passwords and sign-ins for the systems that your workflows talk to. Nodes refer to them by
            name and never see what is in them.
          </EmptyState>
        ) : (
          <>
            <Card withBorder padding={0} component="ul" m={0} style={{ listStyle: "none" }}>
              {found.map((one) => (
                <ConnectionLine
                  key={one.connection_id}
                  connection={one}
                  kind={kinds.find((each) => each.kind === one.kind)}
                  onAct={onAct}
                />
              ))}
            </Card>
            {query.hasNextPage && (
              <Group justify="center">
                <Button
                  variant="default"
                  onClick={() => query.fetchNextPage()}
                  loading={query.isFetchingNextPage}
                >
                  Show more
                </Button>
              </Group>
            )}
          </>
        )
      }
    </Loaded>
  );
}

interface OpenProps {
  open: Open;
  kinds: readonly ConnectionKind[];
  onClose: () => void;
}

function OpenDialog({ open: { act, connection }, kinds, onClose }: OpenProps) {
  const kind = kinds.find((one) => one.kind === connection?.kind);
  if (act === "delete" && connection) return <DeleteDialog connection={connection} onClose={onClose} />;
  if (act === "rotate" && connection && kind) {
    return <RotateDialog connection={connection} kind={kind} onClose={onClose} />;
  }
  if (act === "rotate") {
    return (
      <ErrorState error={new Error("This kind of connection is not known.")} doing="replace the secrets" />
    );
  }
  return (
    <ConnectionDialog
      connection={connection}
      onClose={onClose}
      onSaved={(saved) => {
        notifyDone(`“${saved.name}” is saved.`);
        onClose();
      }}
    />
  );
}
