/** A step of a workflow: what it is called, what it does, its ports, and what became of it in a run. */
import type { NodeProps } from "@xyflow/react";
import { memo } from "react";
import { colorOf } from "@/shared/ui/initials";
import { nodeText } from "./describe";
import { type Mark, useDrawing } from "./drawing";
import type { StepElement } from "./elements";
import { lookOf } from "./looks";
import { RunChip } from "./run-chip";
import styles from "./step.module.css";
import { hasSigns, MARKS, ProblemBadge, StepBadges, StepSigns } from "./step-badges";
import { StepOthers } from "./step-others";
import { StepPorts } from "./step-ports";
import { tellingLine } from "./telling";

function StepView({ id, data, selected }: NodeProps<StepElement>) {
  const { node, type } = data;
  const detail = useDrawing((drawing) => drawing.detail);
  const run = useDrawing((drawing) => drawing.runStates.get(id));
  const problems = useDrawing((drawing) => drawing.problems.get(id));
  const mark = useDrawing((drawing) => drawing.marks.get(id));
  const highlighted = useDrawing((drawing) => drawing.highlighted === id);
  const breakpoint = useDrawing((drawing) => drawing.breakpoints.has(id));
  const others = useDrawing((drawing) => drawing.others.get(id));
  const look = lookOf(type);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a button element cannot hold the ports.
    <div
      role="button"
      tabIndex={-1}
      className={styles.step}
      aria-pressed={selected}
      data-step={id}
      data-detail={detail}
      data-role={type?.role}
      data-selected={selected || undefined}
      data-disabled={node.disabled || undefined}
      data-unknown={type === undefined || undefined}
      data-run={run?.status}
      data-mark={mark}
      data-highlighted={highlighted || undefined}
      data-others={others ? "" : undefined}
      style={colorsOf(look.color, others)}
    >
      <span className={styles.spoken}>
        {nodeText(node, type, run, problems, signsOf(breakpoint, mark, others))}
      </span>
      {detail !== "least" && (
        // What is heard says all of this.
        <div className={styles.head} aria-hidden="true">
          <span
            className={styles.icon}
            style={{
              background: `var(--mantine-color-${look.color}-light)`,
              color: `var(--mantine-color-${look.color}-light-color)`,
            }}
          >
            <look.icon size={20} stroke={1.8} aria-hidden="true" />
          </span>
          {detail === "full" ? (
            <Words {...data} />
          ) : (
            <span className={styles.name}>{data.node.name || type?.title}</span>
          )}
        </div>
      )}
      {detail === "full" && <StepPorts data={data} />}
      {detail === "full" && <StepBadges id={id} problems={problems} mark={mark} />}
      {detail === "less" && problems && <ProblemBadge problems={problems} />}
      {detail === "full" && run && <RunChip run={run} />}
      {detail !== "least" && others && <StepOthers names={others} />}
    </div>
  );
}

function signsOf(breakpoint: boolean, mark: Mark | undefined, others: readonly string[] | undefined) {
  const signs = breakpoint ? ["breakpoint"] : [];
  if (mark) signs.push(MARKS[mark].label.toLowerCase());
  if (others) signs.push(`${others.join(" and ")} ${others.length === 1 ? "is" : "are"} here`);
  return signs;
}

function colorsOf(color: string, others: readonly string[] | undefined): React.CSSProperties {
  const who = others?.[0] === undefined ? {} : { "--who": colorOf(others[0]) };
  return { "--step-color": `var(--mantine-color-${color}-filled)`, ...who } as object;
}

/** Where it is does not matter to it: React Flow moves it. */
export const Step = memo(
  StepView,
  (before, after) => before.data === after.data && before.selected === after.selected,
);

function Words({ node, type }: StepElement["data"]) {
  const title = type?.title ?? node.type;
  const name = node.name || title;
  const line = tellingLine(node, type);
  return (
    <span className={styles.words}>
      <span className={styles.name} title={name}>
        {name}
      </span>
      {(node.disabled || name !== title || hasSigns(node)) && (
        <span className={styles.second}>
          <span className={styles.type}>{node.disabled ? `Disabled · ${title}` : title}</span>
          <StepSigns node={node} />
        </span>
      )}
      {line && (
        <span className={styles.line} title={line}>
          {line}
        </span>
      )}
    </span>
  );
}
