import { Badge, Checkbox, NavLink, Stack, Text } from "@mantine/core";
import { IconFolder, IconFolderOpen, IconStack2 } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { foldersQuery, tagsQuery } from "../api";
import { type Folder, folderTree } from "../folders";
import type { WorkflowsSearch } from "../search";
import styles from "../workflows.module.css";

interface Props {
  search: WorkflowsSearch;
  onFilter: (change: Partial<WorkflowsSearch>) => void;
}

/** Folders and tags beside the list. */
export function Side({ search, onFilter }: Props) {
  const folders = folderTree(useQuery(foldersQuery).data ?? []);
  const tags = useQuery(tagsQuery).data ?? [];
  return (
    <nav className={styles.side} aria-label="Folders and tags">
      <Stack gap={2} className={styles.folders}>
        <NavLink
          component="button"
          type="button"
          label="All workflows"
          leftSection={<IconStack2 size={17} aria-hidden="true" />}
          active={!search.folder}
          onClick={() => onFilter({ folder: undefined })}
        />
        {folders.map((folder) => (
          <FolderLink key={folder.path} folder={folder} open={search.folder ?? ""} onFilter={onFilter} />
        ))}
      </Stack>
      {folders.length === 0 && (
        <Text size="xs" c="dimmed" px="sm" mt={4}>
          Folders appear here once a workflow is in one.
        </Text>
      )}
      {tags.length > 0 && (
        <>
          <Text size="xs" fw={600} c="dimmed" mt="lg" mb={6} px="sm">
            Tags
          </Text>
          <div className={styles.tags}>
            {tags.slice(0, 40).map(({ name, workflows }) => (
              <Badge
                key={name}
                component="button"
                type="button"
                className={styles.tag}
                variant={search.tag === name ? "filled" : "default"}
                tt="none"
                fw={500}
                aria-pressed={search.tag === name}
                onClick={() => onFilter({ tag: search.tag === name ? undefined : name })}
              >
                {name} · {workflows}
              </Badge>
            ))}
          </div>
        </>
      )}
      <Stack gap="xs" mt="lg" px="sm" className={styles.switches}>
        <Checkbox
          size="sm"
          label="Only mine"
          checked={search.mine ?? false}
          onChange={(event) => onFilter({ mine: event.currentTarget.checked || undefined })}
        />
        <Checkbox
          size="sm"
          label="Only switched off"
          checked={search.enabled === false}
          onChange={(event) => onFilter({ enabled: event.currentTarget.checked ? false : undefined })}
        />
      </Stack>
    </nav>
  );
}

interface FolderLinkProps {
  folder: Folder;
  open: string;
  onFilter: Props["onFilter"];
}

function FolderLink({ folder, open, onFilter }: FolderLinkProps) {
  const within = open === folder.path || open.startsWith(`${folder.path}/`);
  const Shown = within ? IconFolderOpen : IconFolder;
  return (
    <>
      <NavLink
        component="button"
        type="button"
        label={folder.label}
        leftSection={<Shown size={17} aria-hidden="true" />}
        rightSection={
          <Text size="xs" c="dimmed">
            {folder.workflows}
          </Text>
        }
        active={open === folder.path}
        onClick={() => onFilter({ folder: folder.path })}
      />
      {within && folder.children.length > 0 && (
        <div className={styles.inner}>
          {folder.children.map((child) => (
            <FolderLink key={child.path} folder={child} open={open} onFilter={onFilter} />
          ))}
        </div>
      )}
    </>
  );
}
