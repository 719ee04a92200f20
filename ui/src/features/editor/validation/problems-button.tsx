import { Button, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconCircleCheck } from "@tabler/icons-react";
import { countProblems } from "@/graph/problems";
import { useEditor } from "../store";
import { countedInWords } from "./words";

/** How many problems there are; shows and hides them. */
export function ProblemsButton() {
  const problems = useEditor((state) => state.problems);
  const listing = useEditor(({ page }) => page.listing);
  const setPage = useEditor((state) => state.setPage);
  const { errors, warnings } = countProblems(problems);
  const look = lookOf(errors, warnings);
  return (
    <Tooltip label={countedInWords(problems)}>
      <Button
        size="xs"
        px={8}
        variant={listing ? "light" : "subtle"}
        color={look.color}
        aria-pressed={listing}
        leftSection={<look.icon size={17} stroke={1.9} aria-hidden="true" />}
        onClick={() => setPage({ listing: !listing })}
      >
        <VisuallyHidden>Problems: </VisuallyHidden>
        {errors + warnings}
      </Button>
    </Tooltip>
  );
}

function lookOf(errors: number, warnings: number) {
  if (errors > 0) return { color: "red", icon: IconAlertCircle };
  return warnings > 0
    ? { color: "yellow", icon: IconAlertTriangle }
    : { color: "teal", icon: IconCircleCheck };
}
