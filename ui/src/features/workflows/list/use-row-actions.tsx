/** What the menu of a line does, and what it says of it. */
import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import { useRouter } from "@tanstack/react-router";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { readFile, useDuplicate, useExecute, type WorkflowLine } from "../api";
import { saveText } from "../create/save-text";
import type { WorkflowLinks } from "../links";
import { useChangeMany } from "../organise/use-change-many";

type Change = "publish" | "unpublish" | "archive" | "restore";

export function useRowActions(line: WorkflowLine, links: WorkflowLinks) {
  const { history } = useRouter();
  const duplicate = useDuplicate();
  const execute = useExecute();
  const changeMany = useChangeMany();
  const { workflow_id: id, name } = line;
  const change = (action: Change) => changeMany([line], { action });

  return {
    change,
    run: () =>
      execute.mutate(id, {
        onSuccess: (started) => history.push(links.execution(started.execution_id)),
        onError: (error) => notifyError(`run “${name}”`, error),
      }),
    duplicate: () =>
      duplicate.mutate(id, {
        onSuccess: (copy) => notifyDone(`The copy is called “${copy.name}”.`),
        onError: (error) => notifyError(`duplicate “${name}”`, error),
      }),
    download: () => {
      readFile(id).then(
        (file) => saveText(file.name, file.text),
        (error: unknown) => notifyError(`export “${name}”`, error),
      );
    },
    archive: () =>
      modals.openConfirmModal({
        title: `Archive “${name}”?`,
        children: (
          <Text size="sm">
            Nothing begins any more, and its triggers stop. Executions and versions stay, and you can take it
            out of the archive again.
          </Text>
        ),
        labels: { confirm: "Archive", cancel: "Keep it" },
        confirmProps: { color: "red" },
        onConfirm: () => change("archive"),
      }),
  };
}
