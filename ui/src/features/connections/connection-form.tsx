import { Button, Group, Select, Stack, Switch, TagsInput, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type Dispatch, type FormEvent, type SetStateAction, useMemo, useState } from "react";
import type { JsonObject } from "@/graph/workflow";
import { type JsonSchema, propertiesOf } from "@/shared/schema-form/schema";
import { SchemaForm } from "@/shared/schema-form/schema-form";
import { setIn } from "@/shared/schema-form/values";
import { ErrorState } from "@/shared/ui/error-state";
import { type Connection, type ConnectionKind, ownCommunities, useSaveConnection } from "./api";
import { bodyOf, type Draft, missing, partOf, secretFields, startDraft } from "./draft";
import { SecretInputs } from "./secret-inputs";

interface Props {
  kind: ConnectionKind;
  /** The one to change; without it, a new one is made. */
  connection?: Connection | undefined;
  onSaved: (saved: Connection) => void;
  onCancel: () => void;
}

interface PartProps {
  schema: JsonSchema;
  draft: Draft;
  setDraft: Dispatch<SetStateAction<Draft>>;
}

/** Some of what the kind asks for. */
function ConfigPart({ schema, draft, setDraft }: PartProps) {
  if (propertiesOf(schema).length === 0) return null;
  return (
    <SchemaForm
      schema={schema}
      value={draft.config}
      onEdit={(path, next) =>
        setDraft((before) => ({
          ...before,
          config: (setIn(before.config, path, next) ?? {}) as JsonObject,
        }))
      }
    />
  );
}

/** Everything of one connection, drawn from the schemas of its kind. */
export function ConnectionForm({ kind, connection, onSaved, onCancel }: Props) {
  const [draft, setDraft] = useState(() => startDraft(connection));
  const save = useSaveConnection(connection);
  const isNew = connection === undefined;
  const needed = useMemo(() => partOf(kind.config, true), [kind]);
  const others = useMemo(() => partOf(kind.config, false), [kind]);
  const lacks = missing(draft, kind, isNew);
  const edit = (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part }));

  function submit(event: FormEvent): void {
    event.preventDefault();
    event.stopPropagation();
    if (lacks === null) save.mutate(bodyOf(draft, kind, isNew), { onSuccess: onSaved });
  }

  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="How people who draw workflows find it."
          required
          maxLength={255}
          value={draft.name}
          onChange={(event) => edit({ name: event.currentTarget.value })}
          data-autofocus
        />
        <ConfigPart schema={needed} draft={draft} setDraft={setDraft} />
        {isNew && (
          <SecretInputs
            fields={secretFields(kind)}
            values={draft.secrets}
            onChange={(secrets) => edit({ secrets })}
          />
        )}
        <Hosts kind={kind} draft={draft} edit={edit} />
        <ConfigPart schema={others} draft={draft} setDraft={setDraft} />
        <Owner draft={draft} edit={edit} />
        <Textarea
          label="Description"
          autosize
          minRows={2}
          value={draft.description}
          onChange={(event) => edit({ description: event.currentTarget.value })}
        />
        {!isNew && (
          <Switch
            label="Nodes may use it"
            checked={draft.enabled}
            onChange={(event) => edit({ enabled: event.currentTarget.checked })}
          />
        )}
        {save.error && <ErrorState error={save.error} doing="save the connection" />}
        <Group justify="flex-end" gap="sm">
          <Text size="sm" c="dimmed" flex={1} aria-live="polite">
            {lacks}
          </Text>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={lacks !== null}>
            {isNew ? "Create connection" : "Save changes"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface HostsProps {
  kind: ConnectionKind;
  draft: Draft;
  edit: (part: Partial<Draft>) => void;
}

function Hosts({ kind, draft, edit }: HostsProps) {
  if (!kind.needs_allowed_hosts) return null;
  return (
    <TagsInput
      label="Allowed hosts"
      description="The secret is sent to these and to nobody else. A star stands for any name: *.example.com"
      required
      placeholder={draft.hosts.length === 0 ? "api.example.com" : ""}
      value={[...draft.hosts]}
      onChange={(hosts) => edit({ hosts })}
      searchValue={draft.typedHost}
      onSearchChange={(typedHost) => edit({ typedHost })}
      splitChars={[",", " "]}
      acceptValueOnBlur
    />
  );
}

function Owner({ draft, edit }: { draft: Draft; edit: (part: Partial<Draft>) => void }) {
  const communities = useQuery(ownCommunities).data ?? [];
  if (communities.length === 0 && draft.communityId === 0) return null;
  const known = communities.map((one) => ({ value: String(one.community_id), label: one.name }));
  const isKnown =
    draft.communityId === 0 || communities.some((one) => one.community_id === draft.communityId);
  const own = { value: String(draft.communityId), label: `Community ${draft.communityId}` };
  return (
    <Select
      label="Who may use it"
      data={[{ value: "0", label: "Only me" }, ...known, ...(isKnown ? [] : [own])]}
      value={String(draft.communityId)}
      onChange={(chosen) => edit({ communityId: Number(chosen ?? 0) })}
      allowDeselect={false}
    />
  );
}
