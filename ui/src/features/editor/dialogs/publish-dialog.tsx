/** Publishing: what is wrong is shown first; without errors, the workflow is saved and made the one that runs. */
import { Alert, Button, Group, Modal, ScrollArea, Skeleton, Stack, Text } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { countProblems, type Problem } from "@/graph/problems";
import { ErrorState } from "@/shared/ui/error-state";
import { validateWorkflow } from "../api";
import { useEditor } from "../store";
import type { Saving } from "../use-save";
import { ProblemList } from "../validation/problem-list";
import { countedInWords } from "../validation/words";
import { WhatChanged } from "./what-changed";

export function PublishDialog({ saving }: { saving: Saving }) {
  const opened = useEditor(({ page }) => page.dialog === "publish");
  const setPage = useEditor((state) => state.setPage);
  const close = () => setPage({ dialog: null });
  return (
    <Modal opened={opened} onClose={close} title="Publish the workflow" size="lg">
      <Content saving={saving} onClose={close} />
    </Modal>
  );
}

function Content({ saving, onClose }: { saving: Saving; onClose: () => void }) {
  const workflow = useEditor(({ history }) => history.present);
  const checked = useQuery({
    queryKey: ["validate-to-publish"],
    queryFn: ({ signal }) => validateWorkflow(workflow, signal),
    gcTime: 0,
    staleTime: 0,
  });
  if (checked.error) {
    return (
      <ErrorState error={checked.error} doing="check the workflow" retry={() => void checked.refetch()} />
    );
  }
  if (checked.data === undefined || checked.isFetching) return <Checking />;
  return <Found problems={checked.data} saving={saving} onClose={onClose} />;
}

function Checking() {
  return (
    <Stack gap="xs" role="status" aria-label="The workflow is being checked">
      <Skeleton height={18} width="60%" />
      <Skeleton height={18} />
      <Skeleton height={18} width="80%" />
    </Stack>
  );
}

interface FoundProps {
  problems: readonly Problem[];
  saving: Saving;
  onClose: () => void;
}

function Found({ problems, saving, onClose }: FoundProps) {
  const { errors } = countProblems(problems);
  const [message, setMessage] = useState("");
  const publish = async () => {
    if (await saving.publish(message.trim())) onClose();
  };
  return (
    <Stack>
      {problems.length === 0 ? (
        <Alert color="teal" icon={<IconCircleCheck aria-hidden="true" />}>
          Nothing is wrong. From now on, triggers start what you see here.
        </Alert>
      ) : (
        <>
          <Text size="sm">
            {countedInWords(problems)}.{" "}
            {errors > 0
              ? "Errors keep a workflow from being published."
              : "Warnings do not keep it from running."}
          </Text>
          <ScrollArea.Autosize mah="45vh">
            <ProblemList problems={problems} onGo={onClose} />
          </ScrollArea.Autosize>
        </>
      )}
      {errors === 0 && <WhatChanged value={message} onChange={setMessage} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {errors > 0 ? "Close" : "Cancel"}
        </Button>
        {errors === 0 && (
          <Button loading={saving.busy} onClick={() => void publish()} data-autofocus>
            {problems.length > 0 ? "Publish all the same" : "Publish"}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
