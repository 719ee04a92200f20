"""The shapes of answers about tokens, sessions, and who somebody is."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field


class TokenShape(BaseModel):
    """A token, without its secret."""

    token_id: UUID
    user_id: int = Field(description="Whose it is; 0 is the service.")
    name: str
    prefix: str = Field(description="Its first characters.")
    scopes: list[str]
    community_ids: list[int] | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = Field(description="To the minute.")
    revoked_at: datetime | None


class NewTokenShape(TokenShape):
    """A token that was just made."""

    token: str = Field(description="The secret. It is shown this once.")


class SessionShape(BaseModel):
    """Where somebody is signed in."""

    session_id: UUID
    address: str
    agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool = Field(description="Whether this request came with it.")


class EndedShape(BaseModel):
    """How many sessions were ended."""

    ended: int


class MembershipShape(BaseModel):
    """A community to which the caller belongs."""

    community_id: int
    role: str


class MeShape(BaseModel):
    """Who the caller is."""

    kind: Literal["user", "service"]
    user_id: int = Field(description="0 is nobody.")
    username: str
    administrator: bool = Field(description="Whether everything in the installation is the caller's business.")
    roles: list[str]
    communities: list[MembershipShape]
    scopes: list[str]
    credential: Literal["api_key", "token", "jwt", "session"]
    token_id: UUID | None
    session_id: UUID | None
    csrf_token: str | None = Field(description="What a change needs in X-CSRF-Token that comes with a session.")
