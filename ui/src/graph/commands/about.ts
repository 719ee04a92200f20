/** Changing what is about the workflow as a whole. */
import type { Json, JsonObject, Workflow } from "../workflow";
import type { Command } from "./nodes";

export const setAbout =
  (field: "name" | "description", text: string): Command =>
  (workflow) =>
    workflow[field] === text ? workflow : { ...workflow, [field]: text };

/** A setting; undefined leaves it to the default. */
export const setSetting =
  (name: string, value: Json | undefined): Command =>
  (workflow) => ({ ...workflow, settings: withField(workflow.settings ?? {}, name, value) });

/** A variable that every execution begins with; undefined takes it away. */
export const setVariable =
  (name: string, value: Json | undefined): Command =>
  (workflow) => ({ ...workflow, global_variables: withField(workflow.global_variables ?? {}, name, value) });

/** Gives a variable another name, in its place; expressions that use it are left as they are. */
export const renameVariable =
  (before: string, after: string): Command =>
  (workflow) => {
    const variables = workflow.global_variables ?? {};
    if (before === after || !Object.hasOwn(variables, before) || Object.hasOwn(variables, after))
      return workflow;
    const renamed = Object.entries(variables).map(([name, value]) => [name === before ? after : name, value]);
    return { ...workflow, global_variables: Object.fromEntries(renamed) as JsonObject };
  };

/** Everything of another workflow in place of what is there. */
export const replaceWith =
  (other: Workflow): Command =>
  () =>
    other;

function withField(object: JsonObject, name: string, value: Json | undefined): JsonObject {
  if (value !== undefined) return { ...object, [name]: value };
  const { [name]: _gone, ...rest } = object;
  return rest;
}
