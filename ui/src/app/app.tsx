/** What surrounds all pages: theme, cached answers, messages, dialogs and the router. */
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { ModalsProvider } from "@mantine/modals";
import { Notifications } from "@mantine/notifications";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { createQueryClient } from "@/shared/api/query-client";
import { cspNonce } from "@/shared/csp-nonce";
import { createAppRouter } from "./router";
import { SlowAnswer } from "./shell/slow-answer";
import { Unreachable } from "./shell/unreachable";
import { SignInAgain } from "./sign-in-again";
import { cssVariables, theme } from "./theme";

const queryClient = createQueryClient();
export const router = createAppRouter(queryClient);
const colorSchemeManager = localStorageColorSchemeManager({ key: "wingbeat-color-scheme" });

export function App() {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemeManager}
      getStyleNonce={() => cspNonce}
    >
      <QueryClientProvider client={queryClient}>
        <ModalsProvider>
          <Notifications position="bottom-right" limit={5} />
          <RouterProvider router={router} />
          <SignInAgain />
          <Unreachable />
          <SlowAnswer />
        </ModalsProvider>
      </QueryClientProvider>
    </MantineProvider>
  );
}
