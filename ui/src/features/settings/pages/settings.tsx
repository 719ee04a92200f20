import { Stack } from "@mantine/core";
import { Page } from "@/shared/ui/page";
import { Appearance } from "../appearance";
import { Password } from "../password";
import { Profile } from "../profile";
import { Sessions } from "../sessions";

/** The person's own settings. */
export function SettingsPage() {
  return (
    <Page title="Settings" description="Your account, and how Wingbeat looks to you." width="narrow">
      <Stack gap="md">
        <Profile />
        <Appearance />
        <Password />
        <Sessions />
      </Stack>
    </Page>
  );
}
