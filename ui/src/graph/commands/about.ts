/** Changing what holds for the workflow as a whole. */
import type { Json, Workflow } from "../workflow";
import type { Command } from "./nodes";

/** A setting; undefined leaves it to the default. */
export const setSetting =
  (name: string, value: Json | undefined): Command =>
  (workflow) => {
    const { [name]: _before, ...others } = workflow.settings ?? {};
    return { ...workflow, settings: value === undefined ? others : { ...others, [name]: value } };
  };

/** Everything of another workflow in place of what is there. */
export const replaceWith =
  (other: Workflow): Command =>
  () =>
    other;
