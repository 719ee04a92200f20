import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch, IconUsers } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { type SignInLink, type User, userList } from "./api";
import { LinkDialog } from "./link-dialog";
import { UserDialog } from "./user-dialog";
import { UserTable } from "./user-table";

const PAUSE_MS = 250;

/** The accounts, for those who look after the installation. */
export function Users() {
  const [text, setText] = useState("");
  const [open, setOpen] = useState<{ user?: User } | null>(null);
  const [link, setLink] = useState<SignInLink | null>(null);
  const [asked] = useDebouncedValue(text.trim(), PAUSE_MS);
  const query = useInfiniteQuery(userList(asked));
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <TextInput
          aria-label="Search users"
          placeholder="Search by name or e-mail"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w={280}
        />
        <Button leftSection={<IconPlus size={17} />} onClick={() => setOpen({})}>
          New user
        </Button>
      </Group>
      <Loaded query={query} doing="load the users" lineHeight={54}>
        {(users) =>
          users.length === 0 ? (
            <EmptyState icon={IconUsers} title="Nobody of that name">
              Try a part of the name or of the address.
            </EmptyState>
          ) : (
            <UserTable users={users} onEdit={(user) => setOpen({ user })} onLink={setLink} />
          )
        }
      </Loaded>
      {query.hasNextPage && (
        <Group justify="center">
          <Button variant="default" onClick={() => query.fetchNextPage()} loading={query.isFetchingNextPage}>
            Show more
          </Button>
        </Group>
      )}
      {open && <UserDialog user={open.user} onClose={() => setOpen(null)} />}
      {link && <LinkDialog link={link} onClose={() => setLink(null)} />}
    </Stack>
  );
}
