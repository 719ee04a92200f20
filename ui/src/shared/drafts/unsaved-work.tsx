/** What was not saved and cannot be just now, as files to keep: of one workflow, or of all at this browser. */
import { Button, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { TimeAgo } from "../ui/time-ago";
import { downloadDefinition } from "./download";
import { allDrafts } from "./draft";

const MOST = 5;

export function UnsavedWork({ workflowId }: { workflowId?: string }) {
  const [drafts] = useState(() =>
    allDrafts().filter((draft) => workflowId === undefined || draft.workflowId === workflowId),
  );
  if (drafts.length === 0) return null;
  return (
    <Stack gap={6} align="flex-start">
      <Text size="sm">What you have not saved is kept in this browser. You can also have it as a file:</Text>
      {drafts.slice(0, MOST).map((draft) => (
        <Button
          key={`${draft.workflowId} ${draft.tab}`}
          size="compact-sm"
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden="true" />}
          onClick={() => downloadDefinition(draft.workflow)}
        >
          <span>
            {draft.workflow.name}, <TimeAgo time={draft.at} />
          </span>
        </Button>
      ))}
    </Stack>
  );
}
