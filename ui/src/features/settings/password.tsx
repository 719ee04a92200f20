import { Button, Group, PasswordInput, Stack, Text } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useSession } from "@/shared/api/session";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyDone } from "@/shared/ui/notify";
import { useChangePassword } from "./api";
import { Section } from "./section";

const EMPTY = { old: "", new: "", again: "" };

/** Changes the person's password. */
export function Password() {
  const has = useSession((session) => session.user?.has_password ?? false);
  if (!has) {
    return (
      <Section title="Password">
        <Text size="sm">You sign in without a password, by a link or by your identity provider.</Text>
      </Section>
    );
  }
  return (
    <Section title="Password" help="All your other sessions end when you change it.">
      <PasswordForm />
    </Section>
  );
}

function PasswordForm() {
  const [values, setValues] = useState(EMPTY);
  const change = useChangePassword();
  const differs = values.again !== "" && values.again !== values.new;
  const ready = values.old !== "" && values.new !== "" && values.again === values.new;

  function submit(event: FormEvent): void {
    event.preventDefault();
    change.mutate(
      { old: values.old, new: values.new },
      {
        onSuccess: () => {
          setValues(EMPTY);
          notifyDone("Your password is changed.");
        },
      },
    );
  }

  const input = (name: keyof typeof EMPTY, label: string, autoComplete: string, error?: string) => (
    <PasswordInput
      label={label}
      value={values[name]}
      onChange={(event) => setValues({ ...values, [name]: event.currentTarget.value })}
      autoComplete={autoComplete}
      error={error}
      maw={360}
    />
  );
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {input("old", "Present password", "current-password")}
        {input("new", "New password", "new-password")}
        {input("again", "New password once more", "new-password", differs ? "It is another one." : undefined)}
        {change.error && <ErrorState error={change.error} doing="change the password" />}
        <Group>
          <Button type="submit" loading={change.isPending} disabled={!ready}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
