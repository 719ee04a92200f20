import { Badge, Group, Table } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/shared/api/session";
import { communityNames, whoAmI } from "./api";
import { Section } from "./section";

/** Who the person is to Wingbeat. Names are changed by those who look after the installation. */
export function Profile() {
  const user = useSession((session) => session.user);
  const me = useQuery(whoAmI).data;
  const communities = useQuery(communityNames).data ?? [];
  const nameOf = (id: number) =>
    communities.find((one) => one.community_id === id)?.name ?? `Community ${id}`;
  return (
    <Section title="Profile" help="An administrator can change your name and address.">
      <Table variant="vertical" layout="fixed" withRowBorders={false}>
        <Table.Tbody>
          <Fact name="Name">{user?.display_name || user?.username}</Fact>
          <Fact name="Signs in as">{user?.username}</Fact>
          <Fact name="E-mail">{user?.email || "none"}</Fact>
          <Fact name="Communities">
            {me && me.communities.length > 0 ? (
              <Group gap={6}>
                {me.communities.map((one) => (
                  <Badge key={one.community_id} variant="light" tt="none">
                    {nameOf(one.community_id)}, {one.role}
                  </Badge>
                ))}
              </Group>
            ) : (
              "none"
            )}
          </Fact>
          {me && me.roles.length > 0 && <Fact name="Roles">{me.roles.join(", ")}</Fact>}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={150}>{name}</Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}
