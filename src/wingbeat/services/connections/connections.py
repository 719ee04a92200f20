"""What can be done with connections: save, read, change, rotate, delete. Secrets go in and never come out."""

from __future__ import annotations

import hmac
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple, cast

import orjson

from wingbeat.core.access import (
    NO_COMMUNITY,
    Attempt,
    Denied,
    Ownership,
    Permission,
    owns,
    permissions_on,
)
from wingbeat.core.errors import Conflict, PreconditionFailed
from wingbeat.egress.kinds import KINDS
from wingbeat.services.connections.refusals import in_use, refuse_other_kind, secrets_needed
from wingbeat.services.connections.requests import (
    ConnectionRequest,
    asks_for_other_tokens,
    leads_elsewhere,
    read_request,
    read_secrets,
)
from wingbeat.services.permissions import access
from wingbeat.services.permissions.access import Kind as AccessKind
from wingbeat.services.workflow_rules import NO_REVISION
from wingbeat.storage import audit, idempotency
from wingbeat.storage import connections as rows
from wingbeat.storage.access import select_workflows
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.connections import SECRETS, TOKENS
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.paging import Page
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine
from wingbeat.storage.sealing import Place, seal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.connections import SetFields, StoredConnection
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.paging import Paging
    from wingbeat.storage.pool import Database

CREATE = "connection.create"
CONNECTION = AccessKind("connection", "CONNECTION_NOT_FOUND", "List the connections to find its id.")
# What is not for those who may only see that there is a connection: where it leads, and how it went.
FOR_USERS: JsonObject = {
    "config": {},
    "allowed_hosts": [],
    "last_test": None,
    "secret_fields_set": [],
    "token_expires_at": None,
}


class ShownConnection(NamedTuple):
    """A connection as it may be seen: with the names of the secrets that are set, and without the secrets.

    `allowed` is what the caller may do with it; who may not use it sees its name and kind, and not where it leads.
    """

    stored: StoredConnection
    secrets: SetFields
    allowed: frozenset[Permission]

    def to_json(self) -> JsonObject:
        """As sent to callers."""
        shown = {name: getattr(self.stored, name) for name in self.stored.__slots__ if not name.startswith("breaker_")}
        whole: JsonObject = {
            **shown,
            "secret_fields_set": list(self.secrets.secrets),
            "authorized": self.secrets.authorized,
            "token_expires_at": cast("Json", self.secrets.token_expires_at),
            "breaker": self._breaker(),
            "permissions": [permission.value for permission in sorted(self.allowed)],
        }
        return whole if Permission.EXECUTE in self.allowed else {**whole, **FOR_USERS}

    def _breaker(self) -> Json:
        stored = self.stored
        state = "closed"
        if stored.breaker_until is not None:
            state = "open" if stored.breaker_until > datetime.now(UTC) else "half_open"
        return {
            "state": state,
            "failures": stored.breaker_failures,
            "open_since": cast("Json", stored.breaker_opened_at),
            "open_until": cast("Json", stored.breaker_until),
        }


class CreatedConnection(NamedTuple):
    """A connection that a request led to; `replayed` if the same request came before and led to it then."""

    connection: ShownConnection
    replayed: bool


@dataclass(frozen=True)
class Connections:
    """The use cases of connections.

    A method that is given `expected_revision` changes nothing unless the connection still has that revision
    (PreconditionFailed). All raise NotFound for an id that there is not or that the caller may not see, Forbidden for
    what the caller may not do with what it sees, and DatabaseUnavailable.
    """

    database: Database
    keys: Keys

    async def create(
        self, principal: Principal, request: ConnectionRequest, *, idempotency_key: str | None = None
    ) -> CreatedConnection:
        """Save a new connection, whose author is the caller.

        Raises:
            Forbidden: the caller may make nothing in the community.
            InvalidInput: `CONNECTION_INVALID`, with all that is wrong.
            Conflict: `IDEMPOTENCY_KEY_REUSED`.
        """
        kind, fields, secrets = read_request(request)
        connection_id, fields = new_id(), replace(fields, community_id=fields.community_id or NO_COMMUNITY)
        async with self._transaction(principal) as connection:
            access.require_community(principal, fields.community_id or NO_COMMUNITY)
            if idempotency_key is not None:
                earlier = await idempotency.remember(
                    connection, CREATE, idempotency_key, self._hash(request), connection_id, owner=principal.key
                )
                if earlier is not None:
                    stored = await find(connection, principal, earlier)
                    return CreatedConnection(await show(connection, principal, stored), replayed=True)
            stored = await rows.insert(connection, connection_id, kind.name, fields, author_id=principal.user_id)
            await self._seal(connection, connection_id, secrets or {})
            await note(connection, principal, stored, "connection.create")
            return CreatedConnection(await show(connection, principal, stored), replayed=False)

    async def get(self, principal: Principal, connection_id: UUID) -> ShownConnection:
        """The connection, without its secrets."""
        async with self._transaction(principal) as connection:
            return await show(connection, principal, await find(connection, principal, connection_id))

    async def list(
        self, principal: Principal, kinds: Collection[str], paging: Paging
    ) -> tuple[Page[ShownConnection], int | None]:
        """One page of the connections of these kinds that the caller may see.

        With it comes how many there are, if the page is named by its number.
        """
        async with self._transaction(principal) as connection:
            page = await rows.list_page(connection, principal, kinds, paging)
            total = await rows.count(connection, principal, kinds) if paging.cursor is None else None
            async with as_engine(connection):
                found = await rows.list_set_fields(connection, [one.connection_id for one in page.items])
        shown = [ShownConnection(one, found[one.connection_id], allowed_on(principal, one)) for one in page.items]
        return Page(shown, page.more), total

    async def update(
        self, principal: Principal, connection_id: UUID, request: ConnectionRequest, *, expected_revision: int | None
    ) -> ShownConnection:
        """Replace all but the kind; the secrets stay unless new ones come, and so does an unnamed community.

        Raises:
            Forbidden: the caller may not take it out of its community, or not put it into the other one.
            InvalidInput: `CONNECTION_INVALID`, with all that is wrong.
            Conflict: `CONNECTION_KIND_FIXED`, or `CONNECTION_SECRETS_NEEDED` when the secrets that are there would go
                somewhere else than whoever entered them said.
        """
        kind, fields, secrets = read_request(request)
        async with self._transaction(principal) as connection:
            stored = await lock(connection, principal, connection_id, Permission.EDIT, expected_revision)
            fields = replace(fields, community_id=read_community(principal, stored, fields.community_id))
            refuse_other_kind(stored, kind)
            if leads_elsewhere(kind, stored, fields):
                have = await show(connection, principal, stored)
                if have.secrets.secrets and secrets is None:
                    raise secrets_needed(stored)
                await self._forget_tokens(connection, connection_id)
            elif asks_for_other_tokens(stored.config, fields.config):
                await self._forget_tokens(connection, connection_id)
            # What is moved away the caller may not see any more, so the engine moves it.
            async with as_engine(connection):
                updated = await rows.update(connection, connection_id, fields)
            if secrets is not None:
                updated = await self._replace_secrets(connection, stored, secrets)
            await note(connection, principal, updated, "connection.update")
            return await show(connection, principal, updated)

    async def rotate(
        self,
        principal: Principal,
        connection_id: UUID,
        given: Mapping[str, Json],
        *,
        expected_revision: int | None = None,
    ) -> ShownConnection:
        """Replace the secrets, all of them.

        Raises:
            Conflict: `CONNECTION_SECRETS_UNFIT`, when they are not those of the connection's kind.
        """
        async with self._transaction(principal) as connection:
            stored = await lock(connection, principal, connection_id, Permission.EDIT, expected_revision)
            problems: list[Json] = []
            secrets = read_secrets(KINDS[stored.kind], given, problems)
            if problems:
                raise Conflict(
                    f"These are not the secrets of a connection of the kind '{stored.kind}'; nothing was changed.",
                    code="CONNECTION_SECRETS_UNFIT",
                    remedy="See /api/v1/connections/kinds for what belongs to it.",
                    details={"problems": problems},
                )
            rotated = await self._replace_secrets(connection, stored, secrets)
            await note(connection, principal, rotated, "connection.rotate")
            return await show(connection, principal, rotated)

    async def delete(
        self,
        principal: Principal,
        connection_id: UUID,
        *,
        force: bool = False,
        expected_revision: int | None = None,
    ) -> ShownConnection:
        """Remove the connection and its secrets.

        Raises:
            Conflict: `CONNECTION_IN_USE`, while a workflow names it, unless it is forced.
        """
        async with self._transaction(principal) as connection:
            stored = await lock(connection, principal, connection_id, Permission.DELETE, expected_revision)
            shown = await show(connection, principal, stored)
            async with as_engine(connection):
                users = await rows.list_users(connection, connection_id)
            if users and not force:
                visible = await select_workflows(connection, principal, [one for one, _ in users], Permission.VIEW)
                raise in_use(stored, len(users), [user for user in users if user[0] in visible])
            await rows.delete(connection, connection_id)
            await note(connection, principal, stored, "connection.delete")
            return shown

    async def _replace_secrets(
        self, connection: asyncpg.Connection, stored: StoredConnection, secrets: dict[str, str]
    ) -> StoredConnection:
        await self._seal(connection, stored.connection_id, secrets)
        if stored.kind == "oauth2_client_credentials":
            await self._forget_tokens(connection, stored.connection_id)
        row = await load("connections").note_rotation(connection, connection_id=stored.connection_id)
        return rows.as_stored(row)

    async def _seal(self, connection: asyncpg.Connection, connection_id: UUID, secrets: dict[str, str]) -> None:
        async with as_engine(connection):
            before = await rows.get_secret(connection, connection_id, SECRETS)
            place = Place(connection_id, SECRETS, 1 if before is None else before.version + 1)
            sealed = seal(self.keys, place, orjson.dumps(secrets))
            await rows.put_secret(connection, place, sealed, fields=sorted(secrets))

    @staticmethod
    async def _forget_tokens(connection: asyncpg.Connection, connection_id: UUID) -> None:
        async with as_engine(connection):
            await load("connections").delete_secret(connection, connection_id=connection_id, purpose=TOKENS)

    def _hash(self, request: ConnectionRequest) -> bytes:
        """Tells one request to create from another. Keyed: a plain hash would let a short secret be guessed."""
        fields = request.fields
        about: Json = [
            request.kind, fields.name, fields.description, fields.config, list(fields.allowed_hosts), fields.enabled,
            fields.entity_id, fields.community_id, dict(request.secrets or {}),
        ]  # fmt: skip
        return hmac.digest(self.keys.derive("connections.idempotency"), encode_json(about), "sha256")

    @asynccontextmanager
    async def _transaction(self, principal: Principal) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                yield connection


async def find(
    connection: asyncpg.Connection,
    principal: Principal,
    connection_id: UUID,
    permission: Permission = Permission.VIEW,
    *,
    locked: bool = False,
) -> StoredConnection:
    """The connection, for somebody who may do this with it.

    Raises:
        NotFound: there is none with this id, or the caller may not even see it.
        Forbidden: `PERMISSION_DENIED`.
    """
    stored = await rows.get(connection, connection_id)
    access.decide(allowed_on(principal, stored), permission, CONNECTION, connection_id)
    # Only who may change a thing may lock it, so that is asked first; what counts is how it is once it is locked.
    if locked:
        stored = await rows.get(connection, connection_id, lock=True)
        access.decide(allowed_on(principal, stored), permission, CONNECTION, connection_id)
    if stored is None:
        raise access.missing(CONNECTION, connection_id, permission)
    return stored


def allowed_on(principal: Principal, stored: StoredConnection | None) -> frozenset[Permission]:
    """What the caller may do with a connection; nothing with none."""
    if stored is None:
        return frozenset()
    return permissions_on(principal, Ownership(stored.author_id, stored.community_id))


def read_community(principal: Principal, stored: StoredConnection, wanted: int | None) -> int:
    """The community that a connection is to belong to; raises Forbidden where the caller may not move it there.

    Moving it gives its secrets to others, so that is for its author and for who administers its community.
    """
    if wanted is None or wanted == stored.community_id:
        return stored.community_id
    if not owns(principal, Ownership(stored.author_id, stored.community_id)):
        raise Denied(
            "Only its author and the administrators of its community may move this connection to another community.",
            remedy="Ask one of them, or leave community_id out.",
            attempt=Attempt(Permission.EDIT, "connection", str(stored.connection_id)),
        )
    access.require_community(principal, wanted)
    return wanted


async def lock(
    connection: asyncpg.Connection,
    principal: Principal,
    connection_id: UUID,
    permission: Permission,
    expected_revision: int | None,
) -> StoredConnection:
    """The connection, kept from changing, and as the caller knows it.

    Raises:
        NotFound, Forbidden: as `find`.
        PreconditionFailed: somebody changed it since the caller read it.
    """
    stored = await find(connection, principal, connection_id, permission, locked=True)
    if expected_revision is None or expected_revision == stored.revision:
        return stored
    raise PreconditionFailed(
        "What was sent as the ETag of the connection is none that it can have; nothing was changed."
        if expected_revision == NO_REVISION
        else f"The connection is at revision {stored.revision} by now, not {expected_revision}; nothing was changed.",
        code="ETAG_UNKNOWN" if expected_revision == NO_REVISION else "REVISION_STALE",
        remedy="Read it again, apply your change to what it is now, and send that with its ETag.",
        details={"current_revision": stored.revision},
    )


async def show(connection: asyncpg.Connection, principal: Principal, stored: StoredConnection) -> ShownConnection:
    """The connection with the names of what is set."""
    async with as_engine(connection):
        found = await rows.list_set_fields(connection, [stored.connection_id])
    return ShownConnection(stored, found[stored.connection_id], allowed_on(principal, stored))


async def note(
    connection: asyncpg.Connection,
    principal: Principal,
    stored: StoredConnection,
    action: str,
    *,
    result: str = "success",
) -> None:
    """Write down what was done with a connection."""
    await audit.write(
        connection,
        AuditEvent(
            Category.AUDIT,
            action,
            "connection",
            str(stored.connection_id),
            actor=principal.name,
            community_id=stored.community_id,
            result=result,
            detail={"name": stored.name, "kind": stored.kind, "revision": stored.revision},
        ),
    )
