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


class SessionShape(Shape):
    """Who is signed in."""

    user_id: int
    username: str
    display_name: str
    email: str
    is_admin: bool
    roles: list[str]
    communities: dict[str, str] = Field(description="The role in each community, by the community's id.")
    has_password: bool
