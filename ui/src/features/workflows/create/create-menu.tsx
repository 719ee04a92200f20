import { Button, FileButton, Group, Menu } from "@mantine/core";
import {
  IconChevronDown,
  IconFileImport,
  IconLayoutGrid,
  IconPlus,
  IconSquarePlus,
} from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { notifyError } from "@/shared/ui/notify";
import { useCreate } from "../api";
import type { WorkflowLinks } from "../links";
import type { Importing } from "./use-importing";

interface Props {
  links: WorkflowLinks;
  folder: string;
  importing: Importing;
}

/** Ways to a new workflow: an empty one, a template, a file. */
export function CreateMenu({ links, folder, importing }: Props) {
  const { history } = useRouter();
  const create = useCreate();
  const begin = () =>
    create.mutate(
      { name: "New workflow", folder },
      {
        onSuccess: (made) => history.push(links.workflow(made.workflow_id)),
        onError: (error) => notifyError("create a workflow", error),
      },
    );
  return (
    <Group gap="sm">
      <FileButton
        accept="application/json,.json"
        multiple
        onChange={(files) => importing.take(files)}
        inputProps={{ "aria-label": "Files of workflows" }}
      >
        {(button) => (
          <Button
            {...button}
            variant="default"
            leftSection={<IconFileImport size={17} aria-hidden="true" />}
            loading={importing.busy}
          >
            Import
          </Button>
        )}
      </FileButton>
      {links.templates ? (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <Button
              leftSection={<IconPlus size={17} aria-hidden="true" />}
              rightSection={<IconChevronDown size={15} aria-hidden="true" />}
              loading={create.isPending}
            >
              New workflow
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconSquarePlus size={16} />} onClick={begin}>
              Blank
            </Menu.Item>
            <Menu.Item
              leftSection={<IconLayoutGrid size={16} />}
              onClick={() => links.templates && history.push(links.templates)}
            >
              From a template
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      ) : (
        <Button
          leftSection={<IconPlus size={17} aria-hidden="true" />}
          onClick={begin}
          loading={create.isPending}
        >
          New workflow
        </Button>
      )}
    </Group>
  );
}
