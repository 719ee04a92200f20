/** Personal tokens: what programs of a person's sign in with. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type Token = components["schemas"]["TokenShape"];
export type NewToken = components["schemas"]["NewTokenShape"];
export type TokenRequest = components["schemas"]["NewTokenBody"];
export type Scope = TokenRequest["scopes"][number];

const KEY = "tokens";

export function tokenList(ended: boolean) {
  return queryOptions({
    queryKey: [KEY, ended],
    queryFn: () => call(client.GET("/api/v1/tokens", { params: { query: { ended, per_page: 100 } } })),
  });
}

export function useCreateToken() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: TokenRequest) => call(client.POST("/api/v1/tokens", { body })),
    onSuccess: refresh,
  });
}

export function useRevokeToken() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (token: Token) =>
      call(client.DELETE("/api/v1/tokens/{token_id}", { params: { path: { token_id: token.token_id } } })),
    onSuccess: refresh,
  });
}

function useRefresh() {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: [KEY] });
}
