/** Begins anew from the step that is looked at. */
import { Button } from "@mantine/core";
import { IconGitFork } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { iterationsQuery, stepQuery } from "../api";
import { ForkDialog } from "../detail/fork-dialog";

interface Props {
  executionId: string;
  node: string;
  scope?: string;
  name: string;
  onForked: (executionId: string) => void;
}

export function ForkButton({ executionId, node, scope, name, onForked }: Props) {
  const [open, setOpen] = useState(false);
  const iterations = useQuery(iterationsQuery(executionId, node)).data?.all ?? [];
  const there = iterations.find((one) => one.scope === scope) ?? iterations.at(-1);
  const step = useQuery({
    ...stepQuery(executionId, there?.last_sequence ?? 0),
    enabled: open && there !== undefined,
  });
  if (!there) return null;
  return (
    <>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconGitFork size={13} />}
        onClick={() => setOpen(true)}
      >
        Fork from here
      </Button>
      {open && step.data && (
        <ForkDialog
          executionId={executionId}
          node={node}
          name={name}
          scope={there.scope}
          input={step.data.input?.value}
          output={step.data.output.value}
          onClose={() => setOpen(false)}
          onForked={onForked}
        />
      )}
    </>
  );
}
