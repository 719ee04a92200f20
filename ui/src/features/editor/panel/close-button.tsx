import { ActionIcon, Tooltip } from "@mantine/core";
import { IconLayoutSidebarRightCollapse } from "@tabler/icons-react";

export function CloseButton({ onClose }: { onClose: () => void }) {
  return (
    <Tooltip label="Close the panel">
      <ActionIcon onClick={onClose} aria-label="Close the panel">
        <IconLayoutSidebarRightCollapse size={18} />
      </ActionIcon>
    </Tooltip>
  );
}
