/** The workflow itself, where no node is selected: what it is for, its variables, its triggers and its problems. */

import { Badge, Button, SegmentedControl, Stack, Text, Textarea, UnstyledButton } from "@mantine/core";
import { IconAlertCircle, IconAlertTriangle, IconBolt, IconCircleCheck } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { replaceAt } from "@/graph/commands/nodes";
import { countProblems } from "@/graph/problems";
import { titleOf } from "@/graph/search";
import type { JsonObject } from "@/graph/workflow";
import { SchemaForm } from "@/shared/schema-form/schema-form";
import { useDraft } from "@/shared/schema-form/use-draft";
import { Markdown } from "@/shared/ui/markdown";
import { useEditor, useEditorStore } from "../store";
import { CloseButton } from "./close-button";
import classes from "./panel.module.css";

export type OverviewPart = "description" | "triggers" | "variables";

interface Props {
  /** What was asked for, which gets the focus. */
  part: OverviewPart | null;
  onClose: () => void;
}

export function Overview({ part, onClose }: Props) {
  const name = useEditor((state) => state.history.present.name);
  const body = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const wanted = part && body.current?.querySelector<HTMLElement>(`[data-overview=${part}]`);
    if (!wanted) return;
    wanted.scrollIntoView({ block: "nearest" });
    (wanted.querySelector<HTMLElement>("textarea, input:not([type=radio])") ?? wanted).focus();
  }, [part]);
  return (
    <>
      <header className={classes.header}>
        <div className={classes.titles}>
          <Text component="h2" fw={650} size="md" lineClamp={1}>
            {name || "Workflow"}
          </Text>
          <div className={classes.subtitle}>Nothing is selected: this is the workflow as a whole.</div>
        </div>
        <div className={classes.actions}>
          <CloseButton onClose={onClose} />
        </div>
      </header>
      <Stack ref={body} gap="xl" className={classes.body}>
        <Problems />
        <Description />
        <Triggers />
        <Variables />
      </Stack>
    </>
  );
}

function Description() {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const text = useEditor((state) => state.history.present.description ?? "");
  const [mode, setMode] = useState(text === "" ? "write" : "read");
  const draft = useDraft(text, (description: string) =>
    store.getState().change({
      label: "Change the description",
      apply: (workflow) => ({ ...workflow, description }),
      key: "description",
    }),
  );
  const writing = mode === "write" && !readOnly;
  return (
    <section data-overview="description" tabIndex={-1} className={classes.overviewPart}>
      <div className={classes.sectionHead}>
        <h3>Description</h3>
        {!readOnly && (
          <SegmentedControl
            size="xs"
            aria-label="Description: read or write"
            value={mode}
            onChange={setMode}
            data={[
              { value: "read", label: "Read" },
              { value: "write", label: "Write" },
            ]}
          />
        )}
      </div>
      {writing ? (
        <Textarea
          aria-label="Description of the workflow"
          placeholder="What is it for, and who looks after it? Markdown."
          autosize
          minRows={4}
          maxRows={20}
          value={draft.value}
          onChange={(event) => draft.change(event.currentTarget.value)}
          onBlur={draft.flush}
        />
      ) : (
        <div className={classes.prose}>
          {draft.value ? <Markdown text={draft.value} /> : <Text c="dimmed">No description.</Text>}
        </div>
      )}
    </section>
  );
}

const VARIABLES = {
  properties: {
    global_variables: {
      type: "object",
      title: "Variables",
      description: "Values that every expression can name, and that nodes may set as the execution goes on.",
      additionalProperties: {},
    },
  },
};
const NONE: JsonObject = {};

function Variables() {
  const store = useEditorStore();
  const readOnly = useEditor((state) => state.readOnly);
  const variables = useEditor((state) => state.history.present.global_variables ?? NONE);
  const value = useMemo(() => ({ global_variables: variables }), [variables]);
  return (
    <section data-overview="variables" tabIndex={-1} className={classes.overviewPart}>
      <SchemaForm
        schema={VARIABLES}
        value={value}
        readOnly={readOnly}
        onEdit={(path, next) =>
          store.getState().change({
            label: "Change a variable",
            apply: (workflow) => {
              const changed = replaceAt(
                { global_variables: workflow.global_variables ?? {} },
                path,
                next,
              ) as JsonObject;
              return { ...workflow, global_variables: (changed.global_variables ?? {}) as JsonObject };
            },
            key: path.join("."),
          })
        }
      />
    </section>
  );
}

function Triggers() {
  const nodes = useEditor((state) => state.history.present.nodes);
  const types = useEditor((state) => state.nodeTypes);
  const show = useEditor((state) => state.show);
  const triggers = nodes.filter((node) => types.get(node.type)?.role === "trigger");
  return (
    <section data-overview="triggers" tabIndex={-1} className={classes.overviewPart}>
      <div className={classes.sectionHead}>
        <h3>Starts with</h3>
      </div>
      {triggers.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing starts this workflow yet. Add a trigger.
        </Text>
      )}
      <ul className={classes.plain}>
        {triggers.map((node) => (
          <li key={node.id}>
            <UnstyledButton className={classes.entry} onClick={() => show(node.id)}>
              <IconBolt size={15} aria-hidden="true" />
              <span>{node.name || types.get(node.type)?.title}</span>
              {node.disabled && (
                <Badge size="xs" variant="default" tt="none">
                  switched off
                </Badge>
              )}
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </section>
  );
}

const MOST = 12;

function Problems() {
  const problems = useEditor((state) => state.problems);
  const show = useEditor((state) => state.show);
  const workflow = useEditor((state) => state.history.present);
  const types = useEditor((state) => state.nodeTypes);
  const [all, setAll] = useState(false);
  const { errors, warnings } = countProblems(problems);
  return (
    <section>
      <div className={classes.sectionHead}>
        <h3>Problems</h3>
        {errors > 0 && (
          <Badge size="sm" color="red" variant="light" tt="none">
            {errors === 1 ? "1 error" : `${errors} errors`}
          </Badge>
        )}
        {warnings > 0 && (
          <Badge size="sm" color="yellow" variant="light" tt="none">
            {warnings === 1 ? "1 warning" : `${warnings} warnings`}
          </Badge>
        )}
      </div>
      {problems.length === 0 && (
        <Text size="sm" c="dimmed" className={classes.entry}>
          <IconCircleCheck size={16} aria-hidden="true" /> None. It can be published.
        </Text>
      )}
      <ul className={classes.plain}>
        {problems.slice(0, all ? undefined : MOST).map((problem) => (
          <li key={`${problem.node} ${problem.parameter} ${problem.code} ${problem.message}`}>
            <UnstyledButton
              className={classes.entry}
              data-severity={problem.severity}
              onClick={() => problem.node && show(problem.node, problem.parameter ?? null)}
            >
              {problem.severity === "error" ? (
                <IconAlertCircle size={15} aria-label="Error" />
              ) : (
                <IconAlertTriangle size={15} aria-label="Warning" />
              )}
              <span>
                {problem.node && <strong>{titleOf(workflow, types, problem.node)}: </strong>}
                {problem.message}
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
      {!all && problems.length > MOST && (
        <Button variant="subtle" size="compact-sm" onClick={() => setAll(true)}>
          Show all {problems.length}
        </Button>
      )}
    </section>
  );
}
