import { Badge, Card, Code, Group, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Loaded } from "@/shared/ui/loaded";
import { type Setting, settingsQuery } from "./api";
import { findSettings } from "./figures";

/** What the installation was started with; it is changed where it is started. */
export function InstallationSettings() {
  const [text, setText] = useState("");
  const [onlySet, setOnlySet] = useState(false);
  const query = useQuery(settingsQuery);
  return (
    <Stack gap="sm">
      <Group gap="md">
        <TextInput
          aria-label="Search the settings"
          placeholder="Search"
          leftSection={<IconSearch size={16} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          w={280}
        />
        <Switch
          label="Only what somebody set"
          checked={onlySet}
          onChange={(event) => setOnlySet(event.currentTarget.checked)}
        />
      </Group>
      <Loaded query={query} doing="load the settings" lineHeight={44}>
        {(all) => <Settings found={findSettings(all, text, onlySet)} />}
      </Loaded>
    </Stack>
  );
}

function Settings({ found }: { found: readonly Setting[] }) {
  if (found.length === 0) return <Text c="dimmed">No setting has these words.</Text>;
  return (
    <Card withBorder padding={0} style={{ overflowX: "auto" }}>
      <Table miw={720} verticalSpacing="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="34%">Setting</Table.Th>
            <Table.Th>Value</Table.Th>
            <Table.Th>From</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {found.map((one) => (
            <Table.Tr key={one.name}>
              <Table.Td>
                <Code fw={600}>{one.name}</Code>
                <Text size="xs" c="dimmed" mt={4}>
                  {one.description}
                </Text>
              </Table.Td>
              <Table.Td style={{ overflowWrap: "anywhere" }}>{shownValue(one)}</Table.Td>
              <Table.Td>
                <Badge variant={one.source === "default" ? "outline" : "light"} tt="none" color="gray">
                  {one.source}
                </Badge>
                {one.origin && one.origin !== one.source && (
                  <Text size="xs" c="dimmed" mt={4}>
                    {one.origin}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

function shownValue(setting: Setting) {
  if (setting.secret) return <Text size="sm">{setting.is_set ? "set, and not shown" : "not set"}</Text>;
  if (setting.value === null || setting.value === "") return <Text size="sm">not set</Text>;
  return <Code>{setting.value}</Code>;
}
