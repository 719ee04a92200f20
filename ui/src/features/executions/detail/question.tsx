/** What an execution asks before it goes on: what became of a step, or where to go from a breakpoint. */
import { Alert, Button, Group, JsonInput, Select, Stack, Text } from "@mantine/core";
import { IconHelpCircle, IconPlayerPause } from "@tabler/icons-react";
import { useState } from "react";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import { type Execution, useResume } from "../api";
import { type Asked, stepsAsked } from "./run-states";

interface Props {
  execution: Execution;
  names: ReadonlyMap<string, string>;
}

export function Question({ execution, names }: Props) {
  if (execution.status !== "paused" || !execution.error) return null;
  const steps = stepsAsked(execution.error);
  if (execution.error.code === "STEP_OUTCOME_UNKNOWN") {
    return steps.map((step) => (
      <UnknownOutcome
        key={`${step.node} ${step.scope}`}
        executionId={execution.execution_id}
        step={step}
        name={names.get(step.node) ?? step.node}
      />
    ));
  }
  return execution.error.code === "BREAKPOINT" ? (
    <AtBreakpoint executionId={execution.execution_id} steps={steps} names={names} />
  ) : null;
}

type Decision = "complete" | "retry" | "fail";

const DECISIONS = [
  { value: "complete", label: "It happened: count it as done" },
  { value: "retry", label: "It did not happen: run it again" },
  { value: "fail", label: "Count it as failed" },
];

function UnknownOutcome({ executionId, step, name }: { executionId: string; step: Asked; name: string }) {
  const [decision, setDecision] = useState<Decision>("complete");
  const [output, setOutput] = useState("");
  const resume = useResume(executionId);
  const where = step.scope ? `${name} in ${step.scope}` : name;

  function answer(): void {
    const given = decision === "complete" && output.trim() ? { output: JSON.parse(output) as unknown } : {};
    resume.mutate(
      { decision, node: step.node, scope: step.scope, ...given },
      {
        onSuccess: () => notifyDone(`Your answer about “${name}” is given.`),
        onError: (error) => notifyError("answer", error),
      },
    );
  }

  return (
    <Alert color="yellow" icon={<IconHelpCircle aria-hidden="true" />} title={`What became of “${where}”?`}>
      <Stack gap="sm">
        <Text size="sm">
          Its worker was lost, or no answer came, after the step had begun. It may have had its effect. Look
          at the other system, and say what is true: nothing is repeated unless you say so.
        </Text>
        <Group align="flex-end" gap="sm">
          <Select
            label="What is true"
            data={DECISIONS}
            value={decision}
            onChange={(chosen) => chosen && setDecision(chosen as Decision)}
            allowDeselect={false}
            w={300}
          />
          {decision === "complete" && (
            <JsonInput
              label="Its output, as JSON (optional)"
              value={output}
              onChange={setOutput}
              placeholder="null"
              validationError="This is no JSON"
              autosize
              minRows={1}
              w={300}
            />
          )}
          <Button onClick={answer} loading={resume.isPending} disabled={!readable(output)}>
            Answer
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function readable(text: string): boolean {
  if (!text.trim()) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function AtBreakpoint({
  executionId,
  steps,
  names,
}: {
  executionId: string;
  steps: Asked[];
  names: Props["names"];
}) {
  const resume = useResume(executionId);
  const before = steps.map((step) => names.get(step.node) ?? step.node).join(", ");
  const go = (mode: "continue" | "step") =>
    resume.mutate({ mode }, { onError: (error) => notifyError("go on", error) });
  return (
    <Alert color="blue" icon={<IconPlayerPause aria-hidden="true" />} title={`Stopped before ${before}`}>
      <Group gap="sm">
        <Button size="xs" onClick={() => go("continue")} loading={resume.isPending}>
          Go on
        </Button>
        <Button size="xs" variant="default" onClick={() => go("step")} loading={resume.isPending}>
          One step
        </Button>
      </Group>
    </Alert>
  );
}
