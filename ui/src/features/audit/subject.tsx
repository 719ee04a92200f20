import { Text } from "@mantine/core";
import { HrefLink } from "@/shared/ui/href-link";
import type { AuditEntry } from "./api";
import { type AuditLinks, pageOf } from "./links";

const LINK = {
  color: "inherit",
  textDecorationColor: "var(--wb-border-strong)",
  textUnderlineOffset: 3,
} as const;

interface Props {
  entry: AuditEntry;
  links: AuditLinks;
}

/** What an entry is about, by the name that it has now; of what is gone, the id that it had. */
export function Subject({ entry, links }: Props) {
  const { message, object_type, object_id, object_name } = entry;
  if (message) {
    return (
      <Text size="sm" lineClamp={2}>
        {message}
      </Text>
    );
  }
  const page = pageOf(entry, links);
  return (
    <Text size="sm" lineClamp={2}>
      <Text component="span" inherit c="dimmed" tt="capitalize">
        {object_type}
      </Text>{" "}
      {page === null ? (
        <Text
          component="span"
          inherit
          {...(object_name === null && { c: "dimmed", ff: "monospace", fz: "xs" })}
        >
          {object_name ?? object_id}
        </Text>
      ) : (
        <HrefLink href={page} style={LINK}>
          {object_name}
        </HrefLink>
      )}
    </Text>
  );
}
