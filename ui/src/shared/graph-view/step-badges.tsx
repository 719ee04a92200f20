/** Small signs on a step: what is wrong with it, what was set on it beside its parameters, what a difference says of it. */
import {
  IconAlertTriangleFilled,
  IconArrowForwardUp,
  IconExclamationMark,
  IconMinus,
  IconNote,
  IconPencil,
  IconPinFilled,
  IconPlus,
  IconRefresh,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { WorkflowNode } from "@/graph/workflow";
import { type DrawnProblem, type Mark, useDrawing } from "./drawing";
import styles from "./step.module.css";

interface Props {
  id: string;
  problems: readonly DrawnProblem[] | undefined;
  mark: Mark | undefined;
}

export const MARKS = {
  added: { icon: IconPlus, label: "Added" },
  removed: { icon: IconMinus, label: "Removed" },
  changed: { icon: IconPencil, label: "Changed" },
} as const;

export function StepBadges({ id, problems, mark }: Props) {
  const breakpoint = useDrawing((drawing) => drawing.breakpoints.has(id));
  const sign = mark && MARKS[mark];
  return (
    <>
      {breakpoint && (
        <span className={styles.breakpoint} aria-hidden="true" data-hint="Breakpoint: a run stops here" />
      )}
      {sign && (
        <span className={styles.mark} aria-hidden="true" data-hint={sign.label}>
          <sign.icon size={12} stroke={3} />
        </span>
      )}
      {problems && <ProblemBadge problems={problems} />}
    </>
  );
}

export function ProblemBadge({ problems }: { problems: readonly DrawnProblem[] }) {
  if (problems.length === 0) return null;
  const isError = problems.some((problem) => problem.severity === "error");
  return (
    <span
      className={styles.problem}
      aria-hidden="true"
      data-severity={isError ? "error" : "warning"}
      data-hint={problems.map((problem) => problem.message).join("\n")}
    >
      {isError ? (
        <IconExclamationMark size={13} stroke={3} aria-hidden="true" />
      ) : (
        <IconAlertTriangleFilled size={12} aria-hidden="true" />
      )}
      {problems.length > 1 && <span>{problems.length}</span>}
    </span>
  );
}

export function hasSigns({ pinned_output, retry, on_error, notes }: WorkflowNode): boolean {
  return (
    pinned_output !== undefined || (retry?.max_attempts ?? 1) > 1 || on_error === "continue" || Boolean(notes)
  );
}

export function StepSigns({ node }: { node: WorkflowNode }) {
  const attempts = node.retry?.max_attempts;
  return (
    <span className={styles.signs}>
      {node.pinned_output !== undefined && (
        <Sign label="Its output is pinned: a test run uses that one">
          <IconPinFilled size={12} aria-hidden="true" />
        </Sign>
      )}
      {attempts != null && attempts > 1 && (
        <Sign label={`Tried up to ${attempts} times`}>
          <IconRefresh size={12} stroke={2.2} aria-hidden="true" />
        </Sign>
      )}
      {node.on_error === "continue" && (
        <Sign label="If it fails, the run goes on">
          <IconArrowForwardUp size={13} stroke={2.2} aria-hidden="true" />
        </Sign>
      )}
      {node.notes && (
        <Sign label={node.notes}>
          <IconNote size={12} stroke={2} aria-hidden="true" />
        </Sign>
      )}
    </span>
  );
}

function Sign({ label, children }: { label: string; children: ReactNode }) {
  return (
    <span className={styles.sign} data-hint={label}>
      {children}
    </span>
  );
}
