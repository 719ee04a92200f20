/** Takes an output as the one that a step is to give from now on, where somebody draws. */
import { Button, Tooltip } from "@mantine/core";
import { IconPin } from "@tabler/icons-react";
import type { Json } from "@/graph/workflow";
import type { Excerpt } from "./parts";

export function PinButton({ excerpt, onPin }: { excerpt: Excerpt; onPin: (output: Json) => void }) {
  const tooBig = excerpt.cuts.length > 0;
  const why = tooBig
    ? "Too large to be pinned as it is: edit and pin an output of your own."
    : "Runs that take pins, and tests, take this output instead of running the step.";
  return (
    <Tooltip label={why} multiline maw={280}>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconPin size={13} />}
        data-disabled={tooBig || undefined}
        aria-disabled={tooBig}
        onClick={() => !tooBig && onPin(excerpt.value as Json)}
      >
        Pin
      </Button>
    </Tooltip>
  );
}
