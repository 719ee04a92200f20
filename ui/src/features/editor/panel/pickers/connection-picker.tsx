/** Chooses a stored connection of the kinds that fit; makes one in place, tests it, and says what it lacks. */
import { Alert, Button, Group, Select, Text } from "@mantine/core";
import { IconPlugConnected, IconPlus } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { components } from "@/shared/api/schema";
import type { PickerProps } from "@/shared/schema-form/form-context";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyError } from "@/shared/ui/notify";
import { usePanelSlots } from "../slots";
import { connectionKindsQuery, connectionsQuery, testConnection } from "./api";

type Connection = components["schemas"]["ConnectionShape"];

export function ConnectionPicker({ id, label, value, onChange, kinds, invalid, readOnly }: PickerProps) {
  const found = useQuery(connectionsQuery(kinds));
  const titles = useQuery(connectionKindsQuery).data;
  const { createConnection } = usePanelSlots();
  const cache = useQueryClient();
  const chosen = found.data?.find((one) => one.connection_id === value);
  const words = kinds.map((kind) => titles?.find((one) => one.kind === kind)?.title ?? kind);

  async function create() {
    try {
      const made = await createConnection?.(kinds);
      if (!made) return;
      await cache.invalidateQueries({ queryKey: ["connections"] });
      onChange(made);
    } catch (error) {
      notifyError("make the connection", error);
    }
  }

  if (found.error)
    return <ErrorState error={found.error} doing="list the connections" retry={() => found.refetch()} />;
  const none = found.data?.length === 0;
  return (
    <div>
      <Group gap={6} wrap="nowrap">
        <Select
          id={id}
          style={{ flex: 1 }}
          data={optionsOf(found.data, value)}
          value={typeof value === "string" ? value : null}
          onChange={(next) => onChange(next ?? undefined)}
          placeholder={found.isPending ? "Loading…" : none ? "No connection yet" : "Choose a connection"}
          searchable
          clearable
          disabled={readOnly || (none && value === undefined)}
          error={invalid}
          nothingFoundMessage="No connection of this name"
          comboboxProps={{ withinPortal: true }}
        />
        {createConnection && !readOnly && (
          <Button
            variant="default"
            leftSection={<IconPlus size={14} />}
            onClick={create}
            aria-label={`New connection for ${label}`}
          >
            New
          </Button>
        )}
      </Group>
      {none && (
        <Text size="xs" c="dimmed" mt={4}>
          None yet of the kind {anyOf(words)}. Its secrets stay in Wingbeat; workflows only name it.
        </Text>
      )}
      {typeof value === "string" && found.data && <Told connection={chosen} />}
    </div>
  );
}

function anyOf(words: readonly string[]): string {
  // Titles may have commas of their own.
  return new Intl.ListFormat("en", { type: "disjunction" }).format(words.map((word) => `“${word}”`));
}

function optionsOf(connections: readonly Connection[] | undefined, value: unknown) {
  const options = (connections ?? []).map((one) => ({ value: one.connection_id, label: one.name }));
  const known = typeof value !== "string" || options.some((one) => one.value === value);
  return known
    ? options
    : [...options, { value: String(value), label: `Unknown (${String(value).slice(0, 8)}…)` }];
}

/** Whether it works, as far as that is known. */
function Told({ connection }: { connection: Connection | undefined }) {
  const cache = useQueryClient();
  const test = useMutation({
    mutationFn: testConnection,
    onSettled: () => cache.invalidateQueries({ queryKey: ["connections"] }),
  });
  if (connection === undefined)
    return (
      <Alert color="red" mt={6} p="xs">
        There is no such connection of a kind that fits, or it is not for you. Choose another one.
      </Alert>
    );
  const last = test.data ? test.data.connection.last_test : connection.last_test;
  const missing = missingOf(connection);
  return (
    <Group gap={8} mt={5}>
      <Button
        size="compact-xs"
        variant="subtle"
        leftSection={<IconPlugConnected size={13} />}
        loading={test.isPending}
        onClick={() => test.mutate(connection.connection_id)}
      >
        Test
      </Button>
      <Text size="xs" c={missing || (last && !last.ok) ? "red" : "dimmed"} style={{ flex: 1 }} role="status">
        {missing ?? (test.error ? test.error.message : testWords(last))}
      </Text>
    </Group>
  );
}

function missingOf(connection: Connection): string | null {
  return connection.enabled ? null : "It is switched off. Switch it on among the connections.";
}

function testWords(last: Connection["last_test"]): string {
  if (last === null) return "Not tested yet.";
  return last.ok ? "It worked when it was last tested." : `${last.message} ${last.remedy}`.trim();
}
