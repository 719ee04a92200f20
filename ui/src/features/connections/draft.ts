/** A connection while it is being entered: what a form starts with, and what is sent. Pure. */
import type { JsonObject } from "@/graph/workflow";
import { type JsonSchema, propertiesOf, textOf, textsOf } from "@/shared/schema-form/schema";
import { humanize } from "@/shared/schema-form/words";
import type { Connection, ConnectionKind } from "./api";

export interface Draft {
  readonly name: string;
  readonly description: string;
  readonly config: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** What stands in the field of hosts, and is not yet one of them. */
  readonly typedHost: string;
  readonly communityId: number;
  readonly enabled: boolean;
}

export interface ConnectionBody {
  name: string;
  kind: string;
  description: string;
  config: JsonObject;
  secrets?: Readonly<Record<string, string>>;
  allowed_hosts: string[];
  enabled: boolean;
  community_id: number;
}

export interface SecretField {
  readonly name: string;
  readonly label: string;
  readonly help: string;
  readonly required: boolean;
}

/** What the form shows first: what the connection has, or nothing. Secrets are never known. */
/** The part of a schema with the fields that must be filled in, or with the others: what must be comes first. */
export function partOf(schema: JsonSchema, needed: boolean): JsonSchema {
  const required = new Set(textsOf(schema.required));
  const chosen = propertiesOf(schema).filter(([name]) => required.has(name) === needed);
  return { ...schema, properties: Object.fromEntries(chosen), required: needed ? [...required] : [] };
}

export function startDraft(connection?: Connection): Draft {
  return {
    name: connection?.name ?? "",
    description: connection?.description ?? "",
    config: (connection?.config ?? {}) as JsonObject,
    secrets: {},
    hosts: connection?.allowed_hosts ?? [],
    typedHost: "",
    communityId: connection?.community_id ?? 0,
    enabled: connection?.enabled ?? true,
  };
}

/** The secrets of a kind, in its order. */
export function secretFields(kind: ConnectionKind): SecretField[] {
  const schema: JsonSchema = kind.secrets;
  const required = new Set(textsOf(schema.required));
  return propertiesOf(schema).map(([name, field]) => ({
    name,
    label: humanize(name),
    help: textOf(field.description),
    required: required.has(name),
  }));
}

/** The hosts, with the one that is being typed. */
function hostsOf(draft: Draft): string[] {
  const typed = draft.typedHost.trim();
  return typed === "" ? [...draft.hosts] : [...new Set([...draft.hosts, typed])];
}

/** Secrets that were entered; empty fields are not sent. */
export function enteredSecrets(secrets: Draft["secrets"]): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ""));
}

/** What is sent. A change without secrets keeps those that are there. */
export function bodyOf(draft: Draft, kind: ConnectionKind, isNew: boolean): ConnectionBody {
  const secrets = enteredSecrets(draft.secrets);
  const sends = isNew ? Object.keys(secrets).length > 0 : false;
  return {
    name: draft.name.trim(),
    kind: kind.kind,
    description: draft.description,
    config: draft.config,
    ...(sends ? { secrets } : {}),
    allowed_hosts: hostsOf(draft),
    enabled: draft.enabled,
    community_id: draft.communityId,
  };
}

/** What is still missing, in words; null if it can be sent. */
export function missing(draft: Draft, kind: ConnectionKind, isNew: boolean): string | null {
  if (draft.name.trim() === "") return "Give it a name.";
  const lacking = textsOf((kind.config as JsonSchema).required).find((name) => draft.config[name] == null);
  if (lacking !== undefined) return `${humanize(lacking)} is missing.`;
  if (kind.needs_allowed_hosts && hostsOf(draft).length === 0) return "Say which hosts it may be sent to.";
  const secret = isNew && secretFields(kind).find((one) => one.required && !draft.secrets[one.name]);
  return secret ? `${secret.label} is missing.` : null;
}
