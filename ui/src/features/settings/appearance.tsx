import { SegmentedControl, Stack, Text, useMantineColorScheme } from "@mantine/core";
import { formatTime } from "@/shared/time/format";
import { useNow } from "@/shared/time/use-now";
import { Section } from "./section";

const SCHEMES = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
] as const;

/** How the app looks here, and in which zone it tells times. */
export function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const now = useNow();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Section title="Appearance" help="Kept in this browser.">
      <Stack gap="md" align="flex-start">
        <SegmentedControl
          aria-label="Colours"
          data={[...SCHEMES]}
          value={colorScheme}
          onChange={(chosen) => setColorScheme(chosen as typeof colorScheme)}
        />
        <Text size="sm">
          Times are told in the zone of this device: {zone}, where it is {formatTime(now)}. Schedules have
          zones of their own.
        </Text>
      </Stack>
    </Section>
  );
}
