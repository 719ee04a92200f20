/** Why a step failed, what can be done about it, and what else is known of it. */
import { Alert, Anchor, Code, Stack, Text } from "@mantine/core";
import { Prose } from "../schema-form/prose";
import { HrefLink } from "../ui/href-link";
import { isObject } from "./parts";

/** Said elsewhere already. */
const KNOWN = new Set([
  "fault",
  "code",
  "message",
  "remedy",
  "retryable",
  "retry_at",
  "node",
  "scope",
  "attempt",
]);

interface Props {
  error: Record<string, unknown>;
  /** The address of the page of an execution. */
  link?: ((executionId: string) => string) | undefined;
}

export function StepError({ error, link }: Props) {
  const { code, message, remedy, retry_at: again } = error;
  const { rest, texts } = partsOf(error);
  const other = isObject(error.details) ? error.details.execution_id : null;
  return (
    <Stack gap="sm">
      <Alert color="red" title={String(code ?? "Failed")}>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {String(message ?? "")}
        </Text>
        {typeof remedy === "string" && remedy !== "" && (
          <Text size="sm" mt={6}>
            <Prose text={remedy} />
          </Text>
        )}
        {link && typeof other === "string" && (
          <Anchor component={HrefLink} href={link(other)} size="sm" mt={6} display="inline-block">
            Open that execution
          </Anchor>
        )}
      </Alert>
      {again != null && <Text size="sm">It is tried again.</Text>}
      {Object.keys(rest).length > 0 && <Code block>{JSON.stringify(rest, null, 2)}</Code>}
      {Object.entries(texts).map(([name, text]) => (
        <figure key={name} style={{ margin: 0 }}>
          <Text component="figcaption" size="xs" c="dimmed" mb={2}>
            {name}
          </Text>
          <Code block>{text}</Code>
        </figure>
      ))}
    </Stack>
  );
}

/** What is known besides, and of that the texts of several lines, as a stack, which are read as they were written. */
function partsOf(error: Record<string, unknown>) {
  const rest: Record<string, unknown> = {};
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(error)) {
    if (KNOWN.has(name)) continue;
    if (name !== "details" || !isObject(value)) {
      rest[name] = value;
      continue;
    }
    const long = Object.entries(value).filter(([, one]) => typeof one === "string" && one.includes("\n"));
    for (const [part, text] of long) texts[part] = String(text);
    const short = Object.entries(value).filter(([part]) => !(part in texts));
    if (short.length > 0) rest[name] = Object.fromEntries(short);
  }
  return { rest, texts };
}
