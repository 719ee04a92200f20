import { Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ApiError } from "@/shared/api/errors";
import { useSession } from "@/shared/api/session";
import { ErrorState } from "@/shared/ui/error-state";
import { type Template, useCreate } from "./api";
import styles from "./templates.module.css";
import { faultsOf, given, initialValues, missing } from "./values";
import { VariableInput } from "./variable-input";

interface Props {
  template: Template;
  onCreated: (workflowId: string, sample: Template["sample"]) => void;
}

/** What the template asks for, and making a workflow of it. */
export function CreateForm({ template, onCreated }: Props) {
  const me = useSession((session) => session.user?.username ?? "");
  const [name, setName] = useState(template.name);
  const [values, setValues] = useState(() => initialValues(template.variables, me, ownZone()));
  const [tried, setTried] = useState(false);
  const create = useCreate();
  const empty = new Set(tried ? missing(template.variables, values) : []);
  const faults = create.error instanceof ApiError ? faultsOf(create.error.details) : {};

  function submit(event: FormEvent): void {
    event.preventDefault();
    setTried(true);
    if (missing(template.variables, values).length > 0 || name.trim() === "") return;
    create.mutate(
      { templateId: template.template_id, name: name.trim(), variables: given(values) },
      { onSuccess: (made) => onCreated(made.workflow_id, template.sample) },
    );
  }

  return (
    <form className={styles.form} onSubmit={submit} noValidate aria-labelledby="use-template">
      <Stack gap="md">
        <div>
          <Title order={2} size="h4" id="use-template">
            Use this template
          </Title>
          <Text size="sm" c="dimmed" mt={4}>
            {template.variables.length === 0
              ? "It asks for nothing: give it a name."
              : "You can change all of this later."}
          </Text>
        </div>
        <TextInput
          label="Name of the workflow"
          withAsterisk
          maxLength={255}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={tried && name.trim() === "" ? "It needs a name" : undefined}
        />
        {template.variables.map((variable) => (
          <VariableInput
            key={variable.name}
            variable={variable}
            value={values[variable.name] ?? null}
            fault={empty.has(variable.name) ? "Please fill this in" : faults[variable.name]}
            onChange={(value) => setValues({ ...values, [variable.name]: value })}
          />
        ))}
        {create.error && <ErrorState error={create.error} doing="create the workflow" />}
        <Button type="submit" loading={create.isPending}>
          Create workflow
        </Button>
      </Stack>
    </form>
  );
}

function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}
