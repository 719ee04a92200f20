import { Text, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle } from "@tabler/icons-react";
import { connectionId } from "@/graph/connections";
import type { Problem } from "@/graph/problems";
import { titleOf } from "@/graph/search";
import { type EditorState, useEditor, useEditorStore } from "../store";
import styles from "./problems.module.css";
import { fixOf } from "./words";

interface Props {
  problems: readonly Problem[];
  /** After one was chosen. */
  onGo?: () => void;
}

/** Problems with their fixes; each leads to its place. */
export function ProblemList({ problems, onGo }: Props) {
  return (
    <ul className={styles.list}>
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.node} ${problem.parameter} ${keyOf(problem)} ${problem.message}`}>
          <ProblemRow problem={problem} onGo={onGo} />
        </li>
      ))}
    </ul>
  );
}

function ProblemRow({ problem, onGo }: { problem: Problem; onGo?: () => void }) {
  const store = useEditorStore();
  const title = useEditor((state) => placeOf(state, problem));
  const go = () => {
    onGo?.();
    if (problem.connection) store.getState().showConnection(problem.connection);
    else if (problem.node) store.getState().show(problem.node, problem.parameter);
    else if (problem.parameter) store.getState().setPage({ dialog: "settings" });
  };
  const isError = problem.severity === "error";
  const Sign = isError ? IconAlertCircle : IconAlertTriangle;
  return (
    <UnstyledButton className={styles.row} onClick={go}>
      <Sign
        size={17}
        className={isError ? styles.error : styles.warning}
        aria-label={isError ? "Error" : "Warning"}
      />
      <span className={styles.where}>
        {title}
        {problem.parameter && <span className={styles.parameter}>{problem.parameter}</span>}
      </span>
      <span>
        {problem.message}{" "}
        <Text span inherit c="dimmed">
          {fixOf(problem)}
        </Text>
      </span>
    </UnstyledButton>
  );
}

function placeOf({ history, nodeTypes }: EditorState, { node, connection }: Problem): string {
  const title = (id: string) => titleOf(history.present, nodeTypes, id);
  if (connection) return `${title(connection.from)} → ${title(connection.to)}`;
  return node ? title(node) : "The workflow";
}

function keyOf({ connection }: Problem): string {
  return connection ? connectionId(connection) : "";
}
