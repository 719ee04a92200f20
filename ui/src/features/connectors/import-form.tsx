/** An OpenAPI document, from its address or as a file, whose operations become steps. */
import { Alert, Button, FileButton, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconFileImport } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { useImport, type Wanted } from "./api";

export function ImportForm() {
  const [url, setUrl] = useState("");
  const [document, setDocument] = useState("");
  // Not shown: it may be long.
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [base, setBase] = useState("");
  const made = useImport();
  const given = file?.text ?? document;
  const empty = url.trim() === "" && given.trim() === "";

  function clear(): void {
    setUrl("");
    setDocument("");
    setFile(null);
    setBase("");
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!empty) made.mutate(wantedOf(url, given, base), { onSuccess: clear });
  }

  return (
    <form onSubmit={submit} aria-label="Import an OpenAPI document">
      <Stack gap="sm">
        <TextInput
          label="Address of the OpenAPI document"
          description="JSON or YAML, version 3.0 or 3.1"
          placeholder="https://api.example.com/openapi.json"
          value={url}
          disabled={given.trim() !== ""}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <Textarea
          label="Or the document itself"
          description={file ? `From the file ${file.name}` : undefined}
          rows={3}
          disabled={file !== null}
          spellCheck={false}
          value={document}
          onChange={(event) => setDocument(event.currentTarget.value)}
        />
        <TextInput
          label="Where requests go"
          description="Instead of the servers that the document names; needed where it names none"
          placeholder="https://api.example.com/v1"
          value={base}
          onChange={(event) => setBase(event.currentTarget.value)}
        />
        {made.error && <ErrorState error={made.error} doing="import the document" />}
        {made.data && (
          <Made name={made.data.name} steps={made.data.node_types} skipped={made.data.skipped.length} />
        )}
        <Group justify="flex-end">
          <FileButton
            accept=".json,.yaml,.yml,application/json"
            onChange={async (chosen) => setFile(chosen && { name: chosen.name, text: await chosen.text() })}
          >
            {(props) => (
              <Button {...props} variant="default" leftSection={<IconFileImport size={16} />}>
                From a file
              </Button>
            )}
          </FileButton>
          <Button type="submit" disabled={empty} loading={made.isPending}>
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function wantedOf(url: string, document: string, base: string): Wanted {
  return {
    ...(document.trim() === "" ? { url: url.trim() } : { document }),
    ...(base.trim() === "" ? {} : { base_url: base.trim() }),
  };
}

interface MadeProps {
  name: string;
  steps: readonly { readonly title: string }[];
  skipped: number;
}

function Made({ name, steps, skipped }: MadeProps) {
  return (
    <Alert color="teal" title={`${name}: ${steps.length} steps`} role="status">
      <Text size="sm">
        They are in the list of steps now:{" "}
        {steps
          .slice(0, 8)
          .map(({ title }) => title)
          .join(", ")}
        {steps.length > 8 && ` and ${steps.length - 8} more`}.
        {skipped > 0 && ` ${skipped} operations cannot be used.`}
      </Text>
    </Alert>
  );
}
