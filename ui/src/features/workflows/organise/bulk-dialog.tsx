import { Button, Group, Modal, Stack, TagsInput, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type BulkChange, tagsQuery, type WorkflowLine } from "../api";
import { readFolder } from "../folders";
import { FolderInput } from "./folder-input";

interface Props {
  kind: "tag" | "move" | "archive";
  lines: readonly WorkflowLine[];
  onDo: (change: BulkChange) => void;
  onClose: () => void;
}

const WORDS = {
  tag: { title: "Tag", button: "Tag" },
  move: { title: "Move", button: "Move" },
  archive: { title: "Archive", button: "Archive" },
} as const;

/** What a change to many needs to be told, or to be sure of. */
export function BulkDialog({ kind, lines, onDo, onClose }: Props) {
  const [more, setMore] = useState<string[]>([]);
  const [fewer, setFewer] = useState<string[]>([]);
  const [folder, setFolder] = useState("");
  const known = useQuery(tagsQuery).data ?? [];
  const there = [...new Set(lines.flatMap((line) => line.tags))].sort();
  const read = readFolder(folder);
  const ready = kind === "archive" || (kind === "move" ? read !== null : more.length + fewer.length > 0);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (kind === "tag") onDo({ action: "tag", add_tags: more, remove_tags: fewer });
    else if (kind === "move") onDo({ action: "move", folder: read ?? "" });
    else onDo({ action: "archive" });
  }

  const count = lines.length === 1 ? "1 workflow" : `${lines.length} workflows`;
  return (
    <Modal opened onClose={onClose} title={`${WORDS[kind].title} ${count}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {kind === "tag" && (
            <>
              <TagsInput
                label="Put on"
                data={known.map(({ name }) => name)}
                value={more}
                onChange={setMore}
                maxTags={20}
                data-autofocus
              />
              <TagsInput label="Take off" data={there} value={fewer} onChange={setFewer} maxTags={20} />
            </>
          )}
          {kind === "move" && <FolderInput value={folder} onChange={setFolder} />}
          {kind === "archive" && (
            <Text size="sm">
              Nothing of them begins any more, and their triggers stop. Executions and versions stay, and you
              can take them out of the archive again.
            </Text>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" disabled={!ready} color={kind === "archive" ? "red" : undefined}>
              {WORDS[kind].button}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
