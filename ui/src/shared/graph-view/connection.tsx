/** A connection: a smooth line with an arrow, and what went along it in a run. */
import type { EdgeProps } from "@xyflow/react";
import { memo } from "react";
import styles from "./connection.module.css";
import { type DrawnProblem, useDrawing, useDrawingActions } from "./drawing";
import type { FlowEdge } from "./elements";
import { linePath } from "./line-path";
import { edgeRun } from "./run-look";

export const ConnectionLine = memo(function ConnectionLine(props: EdgeProps<FlowEdge>) {
  const { id, data, selected, sourceX, sourceY, targetX, targetY } = props;
  const run = useDrawing((drawing) => (data ? edgeRun(data.connection, drawing.runStates) : "idle 0"));
  const mark = useDrawing((drawing) => drawing.marks.get(id));
  const problems = useDrawing((drawing) => drawing.problems.get(id));
  const highlighted = useDrawing((drawing) => drawing.highlighted === id);
  const full = useDrawing((drawing) => drawing.detail === "full");
  const route = useDrawing((drawing) => drawing.routes.get(id));
  const [look, count] = run.split(" ");
  const tip = targetX - 1;
  const from = { x: sourceX, y: sourceY };
  const { path, middle } = linePath(from, { x: targetX, y: targetY }, route);
  const { x: middleX, y: middleY } = middle;
  return (
    <g
      className={styles.connection}
      data-look={look}
      data-error={data?.isError || undefined}
      data-selected={selected || undefined}
      data-mark={mark}
      data-problem={problems && severityOf(problems)}
      data-highlighted={highlighted || undefined}
    >
      <path d={path} className={styles.line} />
      {full && (
        <>
          <path
            d={`M${tip - 7},${targetY - 4.5}L${tip},${targetY}L${tip - 7},${targetY + 4.5}Z`}
            className={styles.arrow}
          />
          <path d={path} className={styles.reach} />
          {Number(count) > 1 && <Count text={`×${count}`} x={middleX} y={middleY} />}
          {problems && <Fault problems={problems} x={middleX} y={middleY} />}
          <Insert id={id} x={problems ? middleX + 24 : middleX} y={middleY} />
        </>
      )}
    </g>
  );
});

function Count({ text, x, y }: { text: string; x: number; y: number }) {
  const width = 10 + text.length * 6.5;
  return (
    <g className={styles.count}>
      <rect x={x - width / 2} y={y - 9} width={width} height={18} rx={9} />
      <text x={x} y={y + 4} textAnchor="middle">
        {text}
      </text>
    </g>
  );
}

function severityOf(problems: readonly DrawnProblem[]): DrawnProblem["severity"] {
  return problems.some(({ severity }) => severity === "error") ? "error" : "warning";
}

/** What is wrong with the connection itself, where it is drawn. */
function Fault({ problems, x, y }: { problems: readonly DrawnProblem[]; x: number; y: number }) {
  const text = problems.map(({ message }) => message).join("\n");
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a part of a picture, with words of its own.
    <g className={styles.fault} role="img" aria-label={`${severityOf(problems)}: ${text}`} data-hint={text}>
      <circle cx={x} cy={y} r={9} />
      <path d={`M${x},${y - 4.5}v5`} />
      <circle cx={x} cy={y + 4} r={1.1} />
    </g>
  );
}

const ignore = () => undefined;

function Insert({ id, x, y }: { id: string; x: number; y: number }) {
  const actions = useDrawingActions();
  if (actions === null) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: there are no buttons in a picture; by keyboard it is in the step's menu.
    <g
      role="button"
      aria-label="Insert a step here"
      className={styles.insert}
      tabIndex={-1}
      onKeyDown={ignore}
      onClick={(event) => {
        event.stopPropagation();
        actions.insertOn(id, { x: event.clientX, y: event.clientY });
      }}
    >
      <circle cx={x} cy={y} r={10} />
      <path d={`M${x - 4.5},${y}h9M${x},${y - 4.5}v9`} />
    </g>
  );
}
