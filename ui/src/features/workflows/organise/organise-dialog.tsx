import { Button, Group, Modal, Stack, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { tagsQuery, useOrganise, type WorkflowLine } from "../api";
import { readFolder } from "../folders";
import { FolderInput } from "./folder-input";

interface Props {
  line: WorkflowLine;
  onClose: () => void;
}

/** Where people find a workflow. Changing it makes no version. */
export function OrganiseDialog({ line, onClose }: Props) {
  const [tags, setTags] = useState<string[]>(line.tags);
  const [folder, setFolder] = useState(line.folder);
  const known = useQuery(tagsQuery).data ?? [];
  const organise = useOrganise();
  const read = readFolder(folder);

  function save(event: FormEvent): void {
    event.preventDefault();
    if (read === null) return;
    organise.mutate(
      { id: line.workflow_id, about: { tags, folder: read } },
      {
        onSuccess: () => {
          notifyDone(`“${line.name}” is changed.`);
          onClose();
        },
        onError: (error) => notifyError(`change “${line.name}”`, error),
      },
    );
  }

  return (
    <Modal opened onClose={onClose} title={`Tags and folder of “${line.name}”`}>
      <form onSubmit={save}>
        <Stack gap="md">
          <TagsInput
            label="Tags"
            description="Press Enter after each."
            data={known.map(({ name }) => name)}
            value={tags}
            onChange={(chosen) => setTags(chosen.map((tag) => tag.trim().slice(0, 50)).filter(Boolean))}
            maxTags={20}
            clearable
            data-autofocus
          />
          <FolderInput value={folder} onChange={setFolder} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={organise.isPending} disabled={read === null}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
