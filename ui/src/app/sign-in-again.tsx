/** The dialog over the page when the session has ended: whoever signs in goes on where they were. */
import { Anchor, Button, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { call, client } from "@/shared/api/client";
import { type User, useSession } from "@/shared/api/session";
import { UnsavedWork } from "@/shared/drafts/unsaved-work";

export function SignInAgain() {
  const { expired, user } = useSession();
  const [password, setPassword] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function goOn(ask: () => Promise<void>): Promise<void> {
    setBusy(true);
    try {
      await ask();
      setPassword("");
      setFault("");
    } catch (error) {
      setFault(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  }

  const signIn = (event: FormEvent) => {
    event.preventDefault();
    void goOn(() => withPassword(user?.username ?? "", password));
  };

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
          {expired && <UnsavedWork />}
          <Text size="xs" c="dimmed">
            Without a password, open the{" "}
            <a href="/sign-in" target="_blank" rel="noreferrer">
              sign-in page
            </a>{" "}
            in another tab, and then{" "}
            <Anchor
              component="button"
              type="button"
              inherit
              onClick={() => void goOn(() => asInAnotherTab(user))}
            >
              go on here
            </Anchor>
            .
          </Text>
        </Stack>
      </form>
    </Modal>
  );
}

async function withPassword(username: string, password: string): Promise<void> {
  const answer = await call(client.POST("/api/v1/auth/login", { body: { username, password } }));
  useSession.getState().begin(answer.user, answer.csrf_token);
}

/** Goes on with the session that began elsewhere in this browser, if it is the same person's. */
async function asInAnotherTab(before: User | null): Promise<void> {
  const { user, csrf_token } = await call(client.GET("/api/v1/auth/session"));
  if (user === null || csrf_token === null) throw new Error("Nobody is signed in yet. Sign in there first.");
  if (user.user_id !== before?.user_id) {
    throw new Error(
      `${user.username} is signed in there. Sign in as ${before?.username}, or load this page again.`,
    );
  }
  useSession.getState().begin(user, csrf_token);
}
