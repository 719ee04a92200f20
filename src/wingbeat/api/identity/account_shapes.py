"""The shapes of answers about users, communities and roles, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from wingbeat.api.shapes import Shape


class UserShape(Shape):
    """A user, as administrators see it."""

    user_id: int
    username: str
    display_name: str
    email: str
    is_admin: bool
    enabled: bool
    has_password: bool
    locked_until: datetime | None = Field(description="Until when no password lets it in, after too many wrong ones.")
    last_sign_in_at: datetime | None
    created_at: datetime
    updated_at: datetime


class LinkShape(Shape):
    """A link that lets a user in once."""

    url: str
    username: str
    expires_at: datetime


class RoleShape(Shape):
    """A role, and how many users have it."""

    name: str
    users: int
    created_at: datetime


class GivenRoleShape(Shape):
    """A role of a user, and who gave it: somebody here, the identity provider, or both."""

    name: str
    sources: list[Literal["local", "oidc"]]


class CommunityShape(Shape):
    """A community."""

    community_id: int
    name: str
    created_at: datetime
    updated_at: datetime


class MemberShape(Shape):
    """What somebody is in a community."""

    community_id: int
    user_id: int
    username: str
    display_name: str
    role: Literal["admin", "editor", "operator", "viewer", "member"]
    source: Literal["local", "oidc"]
    created_at: datetime


class NumberedPageMeta(Shape):
    """Where a page is: with totals by page number, without them after a cursor."""

    per_page: int
    next_cursor: int | None = Field(description="The `cursor` of the next page, or null on the last one.")
    page: int | None = None
    total: int | None = None
    total_pages: int | None = None


class SignInShape(Shape):
    """Who has signed in; `csrf_token` goes with every change, in the header X-CSRF-Token."""

    user: UserShape
    csrf_token: str
    expires_at: datetime


class SignedOutShape(Shape):
    """Nobody is signed in any more."""

    signed_in: Literal[False]


class ProviderShape(Shape):
    """Where one may sign in too: `path` is where a browser goes."""

    name: str
    path: str


class SignInStateShape(Shape):
    """Who is signed in, if anybody, and how one may sign in besides by a password."""

    user: UserShape | None
    csrf_token: str | None
    expires_at: datetime | None
    provider: ProviderShape | None
