import { Accordion, Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconUsersGroup } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { ErrorState } from "@/shared/ui/error-state";
import { Loaded } from "@/shared/ui/loaded";
import { communityList, me, useCreateCommunity } from "./api";
import { Members } from "./members";

/** Groups of people that have workflows and connections in common. */
export function Communities() {
  const who = useQuery(me).data;
  const query = useQuery(communityList);
  const [making, setMaking] = useState(false);
  const administrator = who?.administrator ?? false;
  const manages = new Set(
    who?.communities.filter((one) => one.role === "admin").map((one) => one.community_id),
  );
  const make = administrator && (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setMaking(true)}>
      New community
    </Button>
  );
  return (
    <Stack gap="md">
      <Loaded query={query} doing="load the communities" lineHeight={54}>
        {(communities) =>
          communities.length === 0 ? (
            <EmptyState icon={IconUsersGroup} title="No communities" actions={make}>
              {administrator
                ? "A community has workflows and connections in common; each of its members has a role in it."
                : "You belong to none. An administrator can put you into one."}
            </EmptyState>
          ) : (
            <>
              <Group justify="flex-end">{make}</Group>
              <Accordion variant="separated">
                {communities.map((one) => (
                  <Accordion.Item key={one.community_id} value={String(one.community_id)}>
                    <Accordion.Control icon={<IconUsersGroup size={20} stroke={1.6} aria-hidden="true" />}>
                      <Text fw={600}>{one.name}</Text>
                    </Accordion.Control>
                    <Accordion.Panel>
                      <Members
                        community={one}
                        manages={administrator || manages.has(one.community_id)}
                        administrator={administrator}
                      />
                    </Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
            </>
          )
        }
      </Loaded>
      {making && <NewCommunity onClose={() => setMaking(false)} />}
    </Stack>
  );
}

function NewCommunity({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState("");
  const create = useCreateCommunity();

  function submit(event: FormEvent): void {
    event.preventDefault();
    create.mutate(name.trim(), { onSuccess: onClose });
  }

  return (
    <Modal opened onClose={onClose} title="New community">
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="Name"
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data-autofocus
          />
          {create.error && <ErrorState error={create.error} doing="make the community" />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={name.trim() === ""}>
              Create community
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
