import { ActionIcon, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconArchive,
  IconCopy,
  IconDots,
  IconDownload,
  IconFolderSymlink,
  IconHistory,
  IconListDetails,
  IconLock,
  IconPencil,
  IconPlayerPlay,
  IconRestore,
  IconUpload,
  IconWorldOff,
} from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import type { WorkflowLine } from "../api";
import type { WorkflowLinks } from "../links";
import { OrganiseDialog } from "../organise/organise-dialog";
import { useRowActions } from "./use-row-actions";

interface Props {
  line: WorkflowLine;
  links: WorkflowLinks;
}

/** What can be done with one workflow, as far as the person may. */
export function RowMenu({ line, links }: Props) {
  const [organising, dialog] = useDisclosure(false);
  const { history } = useRouter();
  const actions = useRowActions(line, links);
  const may = (right: WorkflowLine["my_permissions"][number]) => line.my_permissions.includes(right);
  const archived = line.status === "archived";
  const go = (href: string) => () => history.push(href);
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon aria-label={`What to do with ${line.name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={go(links.workflow(line.workflow_id))}>
            Open
          </Menu.Item>
          <Menu.Item
            leftSection={<IconPlayerPlay size={16} />}
            disabled={!may("execute") || line.published_revision === null || archived || !line.enabled}
            onClick={actions.run}
          >
            Run now
          </Menu.Item>
          <Menu.Item
            leftSection={<IconListDetails size={16} />}
            onClick={go(links.executions({ workflowId: line.workflow_id }))}
          >
            Executions
          </Menu.Item>
          <Menu.Item leftSection={<IconHistory size={16} />} onClick={go(links.versions(line.workflow_id))}>
            Versions
          </Menu.Item>
          {links.permissions && (
            <Menu.Item leftSection={<IconLock size={16} />} onClick={go(links.permissions(line.workflow_id))}>
              Permissions
            </Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconFolderSymlink size={16} />}
            disabled={!may("edit") || archived}
            onClick={dialog.open}
          >
            Tags and folder…
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={16} />} onClick={actions.duplicate}>
            Duplicate
          </Menu.Item>
          <Menu.Item leftSection={<IconDownload size={16} />} onClick={actions.download}>
            Export as a file
          </Menu.Item>
          <Menu.Divider />
          {!archived && line.published_revision !== line.revision && (
            <Menu.Item
              leftSection={<IconUpload size={16} />}
              disabled={!may("edit")}
              onClick={() => actions.change("publish")}
            >
              Publish
            </Menu.Item>
          )}
          {!archived && line.published_revision !== null && (
            <Menu.Item
              leftSection={<IconWorldOff size={16} />}
              disabled={!may("edit")}
              onClick={() => actions.change("unpublish")}
            >
              Unpublish
            </Menu.Item>
          )}
          {archived ? (
            <Menu.Item
              leftSection={<IconRestore size={16} />}
              disabled={!may("delete")}
              onClick={() => actions.change("restore")}
            >
              Take out of the archive
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<IconArchive size={16} />}
              color="red"
              disabled={!may("delete")}
              onClick={actions.archive}
            >
              Archive…
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {organising && <OrganiseDialog line={line} onClose={dialog.close} />}
    </>
  );
}
