"""The bodies of requests about users, communities and roles, and of signing in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from wingbeat.api.bodies import INTEGER_MAX, NOT_BLANK, TAKE_WHOLE, Strict
from wingbeat.services.identity.passwords import LONGEST
from wingbeat.services.identity.users import USERNAME_PATTERN
from wingbeat.storage.secret import Secret

Username = Annotated[str, Field(pattern=USERNAME_PATTERN, max_length=100, examples=["ada"])]
DisplayName = Annotated[str, Field(max_length=200, examples=["Ada Lovelace"])]
Email = Annotated[str, Field(max_length=320, examples=["ada@example.com"])]
CommunityName = Annotated[str, Field(min_length=1, max_length=200, pattern=NOT_BLANK)]
RoleName = Annotated[str, Field(min_length=1, max_length=100, pattern=NOT_BLANK)]
NewId = Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE]


def hide(value: object) -> object:
    """A text as a secret from the first moment on; where it is too long, it is none."""
    if isinstance(value, str) and not 1 <= len(value) <= LONGEST:
        raise ValueError(f"It must have 1 to {LONGEST} characters.")
    return Secret(value) if isinstance(value, str) else value


PasswordText = Annotated[
    Secret,
    BeforeValidator(hide),
    Field(json_schema_extra={"writeOnly": True, "minLength": 1, "maxLength": LONGEST}),
]


class NewUserBody(Strict):
    """A user to create. Without a password, a sign-in link or an identity provider lets it in."""

    username: Username
    display_name: DisplayName = ""
    email: Email = ""
    is_admin: bool = Field(default=False, description="It administers the installation: it sees and changes all.")
    password: PasswordText | None = None


class ChangeUserBody(Strict):
    """What changes of a user; what is left out stays."""

    username: Username = "unchanged"
    display_name: DisplayName = ""
    email: Email = ""
    is_admin: bool = False
    enabled: bool = True


class RolesBody(Strict):
    """All the roles that a user has from here."""

    roles: Annotated[list[RoleName], Field(max_length=100)]


class NewCommunityBody(Strict):
    """A community to create."""

    name: CommunityName
    community_id: NewId | None = Field(
        None, description="The number by which tokens of another issuer name it; otherwise leave it out."
    )


class CommunityBody(Strict):
    """What is said of a community."""

    name: CommunityName


class MemberBody(Strict):
    """What somebody is in a community."""

    role: Literal["admin", "editor", "operator", "viewer", "member"]


class NewMemberBody(MemberBody):
    """Who is to be something in a community, by the name that the user signs in with."""

    username: Annotated[str, Field(min_length=1, max_length=100)]


class LoginBody(Strict):
    """Who signs in."""

    username: Annotated[str, Field(max_length=1000)]
    password: PasswordText


class PasswordBody(Strict):
    """A new password for oneself."""

    old: PasswordText
    new: PasswordText


ACCOUNT_BODIES: tuple[type[BaseModel], ...] = (
    NewUserBody,
    ChangeUserBody,
    RolesBody,
    NewCommunityBody,
    CommunityBody,
    MemberBody,
    NewMemberBody,
    LoginBody,
    PasswordBody,
)
