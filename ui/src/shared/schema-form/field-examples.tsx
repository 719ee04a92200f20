/** Examples of a field that must be filled in and is not: one click writes them. */
import { UnstyledButton } from "@mantine/core";
import type { Json } from "@/graph/workflow";
import classes from "./form.module.css";
import { useForm } from "./form-context";
import type { JsonSchema } from "./schema";

interface Props {
  schema: JsonSchema;
  value: Json | undefined;
  required: boolean;
  label: string;
  onUse: (value: Json) => void;
}

const MOST = 3;

export function FieldExamples({ schema, value, required, label, onUse }: Props) {
  const { readOnly } = useForm();
  const examples = examplesOf(schema);
  if (!required || value !== undefined || readOnly || examples.length === 0) return null;
  return (
    <div className={classes.examples}>
      <span>e.g.</span>
      {examples.slice(0, MOST).map((example) => (
        <UnstyledButton
          key={exampleText(example)}
          className={classes.example}
          onClick={() => onUse(example)}
          aria-label={`Use ${exampleText(example)} for ${label}`}
        >
          {exampleText(example)}
        </UnstyledButton>
      ))}
    </div>
  );
}

/** Ids of things that are somebody else's are no examples to use. */
export function examplesOf(schema: JsonSchema): Json[] {
  if (schema["x-wingbeat"] === "connection" || schema["x-wingbeat-editor"] === "workflow") return [];
  return Array.isArray(schema.examples) ? (schema.examples as Json[]) : [];
}

export function exampleText(example: Json): string {
  return typeof example === "string" ? example : JSON.stringify(example);
}
