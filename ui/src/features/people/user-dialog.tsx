import { Button, Group, Modal, PasswordInput, Stack, Switch, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ErrorState } from "@/shared/ui/error-state";
import { notifyDone } from "@/shared/ui/notify";
import { rolesOf, type User, useChangeUser, useCreateUser, useSetRoles } from "./api";
import { RolesInput } from "./roles-input";

interface Props {
  /** The one to change; without it, a new one is made. */
  user?: User | undefined;
  onClose: () => void;
}

/** Makes a user, or changes one. */
export function UserDialog({ user, onClose }: Props) {
  const [fields, setFields] = useState({
    username: user?.username ?? "",
    display_name: user?.display_name ?? "",
    email: user?.email ?? "",
    is_admin: user?.is_admin ?? false,
  });
  const [password, setPassword] = useState("");
  const kept = useQuery({ ...rolesOf(user?.user_id ?? 0), enabled: user !== undefined });
  const [chosen, setChosen] = useState<string[] | null>(null);
  const setRoles = useSetRoles();
  const create = useCreateUser();
  const change = useChangeUser();
  const error = create.error ?? change.error ?? setRoles.error;

  function submit(event: FormEvent): void {
    event.preventDefault();
    const done = () => {
      notifyDone(`${fields.display_name || fields.username} is saved.`);
      onClose();
    };
    const onSuccess = (saved: User) => {
      if (chosen === null) done();
      else setRoles.mutate({ userId: saved.user_id, roles: chosen }, { onSuccess: done });
    };
    if (user) change.mutate({ user, changes: fields }, { onSuccess });
    else create.mutate({ ...fields, ...(password ? { password } : {}) }, { onSuccess });
  }

  const text = (name: "username" | "display_name" | "email", label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      required={name === "username"}
      value={fields[name]}
      onChange={(event) => setFields({ ...fields, [name]: event.currentTarget.value })}
      autoComplete="off"
    />
  );
  return (
    <Modal opened onClose={onClose} title={user ? `Change ${user.username}` : "New user"}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          {text("username", "Signs in as", "Lower case, without spaces.")}
          {text("display_name", "Name")}
          {text("email", "E-mail")}
          {!user && (
            <PasswordInput
              label="Password"
              description="Leave it empty, and give a sign-in link instead."
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
              autoComplete="new-password"
            />
          )}
          <RolesInput
            value={chosen ?? kept.data ?? []}
            onChange={setChosen}
            disabled={user !== undefined && kept.data === undefined}
          />
          <Switch
            label="Looks after the installation"
            description="Sees and changes everything."
            checked={fields.is_admin}
            onChange={(event) => setFields({ ...fields, is_admin: event.currentTarget.checked })}
          />
          {error && <ErrorState error={error} doing="save the user" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button
              type="submit"
              loading={create.isPending || change.isPending || setRoles.isPending}
              disabled={fields.username.trim() === ""}
            >
              {user ? "Save changes" : "Create user"}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
