import { Button, Group, Select } from "@mantine/core";
import { useState } from "react";
import { notifyError } from "@/shared/ui/notify";
import { type Community, useGrant } from "./api";
import { grantTo, type Right } from "./rights";

interface Props {
  workflowId: string;
  people: ReadonlyMap<number, string>;
  communities: readonly Community[];
  /** Those who are in the list already. */
  given: ReadonlySet<string>;
}

const FIRST: ReadonlySet<Right> = new Set<Right>(["can_view"]);

/** Lets somebody else see the workflow; what more they may do is ticked in the list. */
export function AddGrant({ workflowId, people, communities, given }: Props) {
  const [grantee, setGrantee] = useState<string | null>(null);
  const give = useGrant(workflowId);
  const free = (one: { value: string }) => !given.has(one.value);
  const groups = [
    {
      group: "Communities",
      items: communities
        .map((one) => ({ value: `community:${one.community_id}`, label: one.name }))
        .filter(free),
    },
    {
      group: "People",
      items: [...people].map(([id, name]) => ({ value: `user:${id}`, label: name })).filter(free),
    },
  ].filter((one) => one.items.length > 0);

  function add(): void {
    if (grantee === null) return;
    give.mutate(grantTo(grantee, FIRST), {
      onSuccess: () => setGrantee(null),
      onError: (error) => notifyError("share the workflow", error),
    });
  }

  return (
    <Group gap="sm">
      <Select
        aria-label="Share with"
        placeholder="Share with a person or a community"
        searchable
        w={320}
        data={groups}
        value={grantee}
        onChange={setGrantee}
        nothingFoundMessage="Nobody else whom you know here"
      />
      <Button variant="default" onClick={add} disabled={grantee === null} loading={give.isPending}>
        Share
      </Button>
    </Group>
  );
}
