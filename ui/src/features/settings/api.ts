/** The person's own account: password and sessions. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";
import { useSession } from "@/shared/api/session";

export type Session = components["schemas"]["SessionShape"];

const KEY = "account";

export const whoAmI = queryOptions({
  queryKey: [KEY, "me"],
  queryFn: () => call(client.GET("/api/v1/me")),
});

export const communityNames = queryOptions({
  queryKey: [KEY, "communities"],
  queryFn: () => call(client.GET("/api/v1/communities", { params: { query: { per_page: 100 } } })),
});

export const sessionList = queryOptions({
  queryKey: [KEY, "sessions"],
  queryFn: () => call(client.GET("/api/v1/me/sessions")),
});

export function useChangePassword() {
  const refresh = useRefresh();
  const begin = useSession((session) => session.begin);
  return useMutation({
    mutationFn: (body: { old: string; new: string }) => call(client.POST("/api/v1/auth/password", { body })),
    // The session is another one by then.
    onSuccess: (answer) => {
      begin(answer.user, answer.csrf_token);
      refresh();
    },
  });
}

export function useEndSession() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (session: Session) =>
      call(
        client.DELETE("/api/v1/me/sessions/{session_id}", {
          params: { path: { session_id: session.session_id } },
        }),
      ),
    onSuccess: refresh,
  });
}

export function useEndOtherSessions() {
  const refresh = useRefresh();
  return useMutation({ mutationFn: () => call(client.DELETE("/api/v1/me/sessions")), onSuccess: refresh });
}

function useRefresh() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: [KEY] });
}
