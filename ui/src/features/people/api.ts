/** Users, the communities that they belong to, and what is granted on a workflow. */
import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { call, callPage, client } from "@/shared/api/client";
import type { components } from "@/shared/api/schema";

export type User = components["schemas"]["UserShape"];
export type NewUser = components["schemas"]["NewUserBody"];
export type UserChanges = components["schemas"]["ChangeUserBody"];
export type Community = components["schemas"]["CommunityShape"];
export type Member = components["schemas"]["MemberShape"];
export type Role = Member["role"];
export type Grant = components["schemas"]["GrantShape"];
export type SignInLink = components["schemas"]["LinkShape"];

const KEY = "people";
const MOST = { per_page: 100 };

export function userList(text: string) {
  return infiniteQueryOptions({
    queryKey: [KEY, "users", text],
    placeholderData: keepPreviousData,
    initialPageParam: null as number | null,
    queryFn: ({ pageParam }) =>
      callPage(
        client.GET("/api/v1/users", {
          params: { query: { ...(text ? { text } : {}), cursor: pageParam, per_page: 50, sort: "username" } },
        }),
      ),
    getNextPageParam: (page) => page.meta.next_cursor,
    select: (found) => found.pages.flatMap((page) => page.data),
  });
}

export const me = queryOptions({
  queryKey: [KEY, "me"],
  staleTime: 60_000,
  queryFn: () => call(client.GET("/api/v1/me")),
});

export const communityList = queryOptions({
  queryKey: [KEY, "communities"],
  queryFn: () => call(client.GET("/api/v1/communities", { params: { query: { ...MOST, sort: "name" } } })),
});

export function memberList(communityId: number) {
  return queryOptions({
    queryKey: [KEY, "members", communityId],
    queryFn: () =>
      call(
        client.GET("/api/v1/communities/{community_id}/members", {
          params: { path: { community_id: communityId }, query: MOST },
        }),
      ),
  });
}

export function grantList(workflowId: string) {
  return queryOptions({
    queryKey: [KEY, "grants", workflowId],
    queryFn: () =>
      call(
        client.GET("/api/v1/workflows/{workflow_id}/permissions", {
          params: { path: { workflow_id: workflowId } },
        }),
      ),
  });
}

/** The people whom the person knows by name: all for administrators, otherwise those of common communities. */
export function knownPeople(administrator: boolean, communities: readonly Community[]) {
  return queryOptions({
    queryKey: [KEY, "known", administrator, communities.map((one) => one.community_id)],
    staleTime: 60_000,
    queryFn: async () => {
      if (administrator) {
        const users = await call(client.GET("/api/v1/users", { params: { query: MOST } }));
        return new Map(users.map((one) => [one.user_id, one.display_name || one.username]));
      }
      const members = await Promise.all(
        communities.map((one) =>
          call(
            client.GET("/api/v1/communities/{community_id}/members", {
              params: { path: { community_id: one.community_id }, query: MOST },
            }),
          ),
        ),
      );
      return new Map(members.flat().map((one) => [one.user_id, one.display_name || one.username]));
    },
  });
}

export function useCreateUser() {
  return useChange((body: NewUser) => call(client.POST("/api/v1/users", { body })));
}

export function useChangeUser() {
  return useChange(({ user, changes }: { user: User; changes: UserChanges }) =>
    call(
      client.PATCH("/api/v1/users/{user_id}", { params: { path: { user_id: user.user_id } }, body: changes }),
    ),
  );
}

export const roleNames = queryOptions({
  queryKey: [KEY, "roles"],
  queryFn: async () => (await call(client.GET("/api/v1/roles"))).map((one) => one.name),
});

/** The roles that a user has from here; those that only the identity provider gives are not ours to change. */
export function rolesOf(userId: number) {
  return queryOptions({
    queryKey: [KEY, "roles of", userId],
    queryFn: async () => {
      const given = await call(
        client.GET("/api/v1/users/{user_id}/roles", { params: { path: { user_id: userId } } }),
      );
      return given.filter((one) => one.sources.includes("local")).map((one) => one.name);
    },
  });
}

export function useSetRoles() {
  return useChange(({ userId, roles }: { userId: number; roles: string[] }) =>
    call(
      client.PUT("/api/v1/users/{user_id}/roles", { params: { path: { user_id: userId } }, body: { roles } }),
    ),
  );
}

export function useGiveAway(workflowId: string) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (userId: number) =>
      callPage(
        client.PUT("/api/v1/workflows/{workflow_id}/owner", {
          params: { path: { workflow_id: workflowId } },
          body: { user_id: userId },
        }),
      ),
    // Whoever gave it away may see less of it, or none; that it is done is said before.
    onSuccess: () => {
      void queryClient.invalidateQueries();
    },
  });
}

export function useAddMember(communityId: number) {
  return useChange(({ username, role }: { username: string; role: Role }) =>
    call(
      client.POST("/api/v1/communities/{community_id}/members", {
        params: { path: { community_id: communityId } },
        body: { username, role },
      }),
    ),
  );
}

export function useMakeLink() {
  return useChange((user: User) =>
    call(
      client.POST("/api/v1/users/{user_id}/sign-in-link", { params: { path: { user_id: user.user_id } } }),
    ),
  );
}

export function useCreateCommunity() {
  return useChange((name: string) => call(client.POST("/api/v1/communities", { body: { name } })));
}

export function usePutMember(communityId: number) {
  return useChange(({ userId, role }: { userId: number; role: Role }) =>
    call(
      client.PUT("/api/v1/communities/{community_id}/members/{user_id}", {
        params: { path: { community_id: communityId, user_id: userId } },
        body: { role },
      }),
    ),
  );
}

export function useRemoveMember(communityId: number) {
  return useChange((userId: number) =>
    call(
      client.DELETE("/api/v1/communities/{community_id}/members/{user_id}", {
        params: { path: { community_id: communityId, user_id: userId } },
      }),
    ),
  );
}

export interface Granting {
  user_id?: number;
  role?: string;
  community_id?: number;
  can_view: boolean;
  can_edit: boolean;
  can_delete: boolean;
  can_execute: boolean;
}

export function useGrant(workflowId: string) {
  return useChange((body: Granting) =>
    call(
      client.POST("/api/v1/workflows/{workflow_id}/permissions", {
        params: { path: { workflow_id: workflowId } },
        // That one of the rights is true, the type wants to know by itself.
        body: body as never,
      }),
    ),
  );
}

export function useRevokeGrant(workflowId: string) {
  return useChange((grant: Grant) =>
    call(
      client.DELETE("/api/v1/workflows/{workflow_id}/permissions/{permission_id}", {
        params: { path: { workflow_id: workflowId, permission_id: grant.permission_id } },
      }),
    ),
  );
}

function useChange<Given, Found>(work: (given: Given) => Promise<Found>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: work,
    onSuccess: () => queryClient.invalidateQueries({ queryKey: [KEY] }),
  });
}
