/** The dialog over the page when the session has ended: whoever signs in goes on where they were. */
import { Button, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { call, client } from "@/shared/api/client";
import { useSession } from "@/shared/api/session";

export function SignInAgain() {
  const { expired, user, begin } = useSession();
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function signIn(event: FormEvent): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      const answer = await call(
        client.POST("/api/v1/auth/login", { body: { username: user?.username ?? "", password } }),
      );
      begin(answer.user, answer.csrf_token);
      setPassword("");
      setFault("");
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Modal
      opened={expired}
      onClose={() => undefined}
      withCloseButton={false}
      title="Your session has ended"
      zIndex={900}
    >
      <form onSubmit={signIn}>
        <Stack gap="sm">
          <Text size="sm">Sign in again, and you go on where you were. Nothing on this page is lost.</Text>
          <TextInput label="Name" value={user?.username ?? ""} readOnly />
          <PasswordInput
            label="Password"
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            error={fault}
            data-autofocus
            autoComplete="current-password"
          />
          <Button type="submit" loading={busy} disabled={password === ""}>
            Sign in
          </Button>
          <Text size="xs" c="dimmed">
            Without a password, open the{" "}
            <a href="/sign-in" target="_blank" rel="noreferrer">
              sign-in page
            </a>{" "}
            in another tab and then send this dialog once more.
          </Text>
        </Stack>
      </form>
    </Modal>
  );
}
