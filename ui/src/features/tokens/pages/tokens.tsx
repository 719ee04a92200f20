import { Button, Group, Stack, Switch } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { EmptyState } from "@/shared/ui/empty-state";
import { Loaded } from "@/shared/ui/loaded";
import { Page } from "@/shared/ui/page";
import { tokenList } from "../api";
import { CreateDialog } from "../create-dialog";
import { TokenTable } from "../token-table";

/** The person's own tokens. */
export function TokensPage() {
  const [making, setMaking] = useState(false);
  const [ended, setEnded] = useState(false);
  const query = useQuery(tokenList(ended));
  const make = (
    <Button leftSection={<IconPlus size={17} />} onClick={() => setMaking(true)}>
      New token
    </Button>
  );
  return (
    <Page
      title="Personal tokens"
      description="With these, programs of yours use the API in your name, and may do no more than you."
      actions={make}
    >
      <Stack gap="md">
        <Group justify="flex-end">
          <Switch
            label="Show those that have ended"
            checked={ended}
            onChange={(event) => setEnded(event.currentTarget.checked)}
          />
        </Group>
        <Loaded query={query} doing="load your tokens" lineHeight={58}>
          {(tokens) =>
            tokens.length === 0 ? (
              <EmptyState icon={IconKey} title="No tokens" actions={make}>
                Make one for each program, with no more rights than it needs: each can be taken back by
                itself.
              </EmptyState>
            ) : (
              <TokenTable tokens={tokens} />
            )
          }
        </Loaded>
      </Stack>
      {making && <CreateDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}
