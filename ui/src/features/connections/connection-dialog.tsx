import { Anchor, Group, Modal, Text } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Loaded } from "@/shared/ui/loaded";
import { type Connection, type ConnectionKind, connectionKinds } from "./api";
import { ConnectionForm } from "./connection-form";
import { KindChoice } from "./kind-choice";

interface Props {
  onClose: () => void;
  onSaved: (saved: Connection) => void;
  /** The one to change; without it, a new one is made. */
  connection?: Connection | undefined;
  /** The kinds that fit where it is wanted; all, if none is named. */
  kinds?: readonly string[];
}

/** Makes or changes a connection, wherever one is. It is open as long as it is drawn. */
export function ConnectionDialog({ onClose, onSaved, connection, kinds = [] }: Props) {
  const query = useQuery(connectionKinds);
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={connection ? `Change “${connection.name}”` : "New connection"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Loaded query={query} doing="load the kinds of connections" lineHeight={64}>
        {(all) => (
          <Chosen
            all={all.filter((one) => kinds.length === 0 || kinds.includes(one.kind))}
            connection={connection}
            onClose={onClose}
            onSaved={onSaved}
          />
        )}
      </Loaded>
    </Modal>
  );
}

interface ChosenProps extends Pick<Props, "onClose" | "onSaved" | "connection"> {
  all: readonly ConnectionKind[];
}

function Chosen({ all, connection, onClose, onSaved }: ChosenProps) {
  const only = all.length === 1 ? all[0] : undefined;
  const [chosen, choose] = useState(() => all.find((one) => one.kind === connection?.kind) ?? only);
  if (!chosen) return <KindChoice kinds={all} onChoose={choose} />;
  return (
    <>
      <Group gap="xs" mb="md">
        <Text size="sm" c="dimmed">
          {chosen.title}
        </Text>
        {!connection && !only && (
          <Anchor component="button" type="button" size="sm" onClick={() => choose(undefined)}>
            <Group gap={4}>
              <IconArrowLeft size={14} aria-hidden="true" /> Another kind
            </Group>
          </Anchor>
        )}
      </Group>
      <ConnectionForm kind={chosen} connection={connection} onSaved={onSaved} onCancel={onClose} />
    </>
  );
}
