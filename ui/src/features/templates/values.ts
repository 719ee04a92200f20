/** What is filled into a template: what to begin with, and what is missing. */
import type { Json } from "@/graph/workflow";
import type { Variable } from "./api";

export type Values = Readonly<Record<string, Json>>;

/** Defaults; and for people that there must be, whoever looks: a workflow that can be tried at once. */
export function initialValues(variables: readonly Variable[], me: string, timezone: string): Values {
  return Object.fromEntries(variables.map((one) => [one.name, initialOf(one, me, timezone)]));
}

function initialOf(variable: Variable, me: string, timezone: string): Json {
  if (variable.type === "timezone") return timezone;
  const usual = (variable.default ?? null) as Json;
  if (usual !== null || !variable.required) return usual;
  if (variable.type === "person") return me;
  return variable.type === "people" ? [me] : null;
}

/** The names of what is required and empty. */
export function missing(variables: readonly Variable[], values: Values): string[] {
  return variables.filter((one) => one.required && isEmpty(values[one.name])).map((one) => one.name);
}

/** Without what was left empty: the server puts its defaults there. */
export function given(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}

/** The faults that the server names, by variable: "name: what is wrong". */
export function faultsOf(details: Readonly<Record<string, unknown>>): Record<string, string> {
  const problems = Array.isArray(details.problems) ? details.problems.map(String) : [];
  return Object.fromEntries(
    problems.map((problem) => {
      const colon = problem.indexOf(": ");
      return [problem.slice(0, colon), problem.slice(colon + 2)];
    }),
  );
}

function isEmpty(value: Json | undefined): boolean {
  return value == null || value === "" || (Array.isArray(value) && value.length === 0);
}
