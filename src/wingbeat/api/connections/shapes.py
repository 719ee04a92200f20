"""The shapes of answers about connections and connectors. None has a field for a secret."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from wingbeat.api.node_type_shapes import NodeTypeLineShape
from wingbeat.api.shapes import Shape


class ConnectorShape(Shape):
    """A system whose operations are node types."""

    connector_id: UUID
    slug: str
    kind: Literal["openapi", "mcp"]
    name: str
    description: str
    source_url: str
    base_url: str
    connection_id: UUID | None
    enabled: bool
    revision: int
    created_at: datetime
    updated_at: datetime


class SkippedShape(Shape):
    """An operation that gives no node type."""

    operation: str
    why: str


class ConnectorDetailsShape(ConnectorShape):
    """With what it gives."""

    node_types: list[NodeTypeLineShape]
    skipped: list[SkippedShape]


class BreakerShape(Shape):
    """The circuit breaker: while it is open nothing is sent."""

    state: Literal["closed", "open", "half_open"]
    failures: int = Field(description="In a row.")
    open_since: datetime | None
    open_until: datetime | None


class ConnectionTestShape(Shape):
    """How a test of a connection went."""

    ok: bool
    message: str
    error_code: str | None
    remedy: str
    seconds: float


class ConnectionShape(Shape):
    """A connection, without its secrets."""

    connection_id: UUID
    name: str
    kind: str
    description: str
    config: dict[str, Any]
    allowed_hosts: list[str]
    entity_id: int
    community_id: int
    author_id: int
    enabled: bool
    revision: int
    secret_fields_set: list[str]
    authorized: bool = Field(description="Whether there are tokens (OAuth 2).")
    token_expires_at: datetime | None
    breaker: BreakerShape
    created_at: datetime
    updated_at: datetime
    rotated_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    last_tested_at: datetime | None
    last_test: ConnectionTestShape | None
    permissions: list[Literal["view", "edit", "delete", "execute"]] = Field(
        description="What the caller may do with it. Who may not use it does not see where it leads."
    )


class ConnectionTestedShape(Shape):
    """The result of a test, and the connection after it."""

    result: ConnectionTestShape
    connection: ConnectionShape


class SignInShape(Shape):
    """Where somebody signs in."""

    url: str


class ConnectionKindShape(Shape):
    """A kind of connection; a form can be drawn from its schemas."""

    kind: str
    title: str
    help: str
    icon: str = Field(description="The name of a picture for it.")
    needs_allowed_hosts: bool
    signs_in: bool = Field(description="Whether somebody has to sign in at the other side, by `authorize`.")
    config: dict[str, Any] = Field(description="A JSON Schema.")
    secrets: dict[str, Any] = Field(description="A JSON Schema; every field is writeOnly.")
