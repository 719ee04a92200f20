"""What comes from outside for executions that wait: each wait takes one signal, the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from wingbeat.core.access import Permission
from wingbeat.core.errors import InvalidInput
from wingbeat.services.executions.hidden_addresses import hide_addresses
from wingbeat.services.executions.waits import key_of
from wingbeat.services.permissions import access
from wingbeat.storage import waits
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.waits import WaitAddresses
    from wingbeat.storage.pool import Database
    from wingbeat.storage.waits import ListedWait


EVENT = "event"
CALLED = "webhook"
NOBODY = UUID(int=0)


class AddressedWait(NamedTuple):
    """A wait, and the address at which whoever asked for it can end it."""

    wait: ListedWait
    url: str | None


class MethodRefused(InvalidInput):
    """The address takes other methods."""

    default_code = "WAIT_METHOD_REFUSED"


@dataclass(frozen=True)
class Signals:
    """The use cases of waits.

    All raise DatabaseUnavailable; then it is not known whether the signal was taken, and sending it again is harmless.
    """

    database: Database
    addresses: WaitAddresses | None = None

    async def resolve(self, wait_id: UUID, value: Json) -> None:
        """Give a wait what it waits for.

        Raises:
            NotFound: `WAIT_NOT_FOUND`.
            Conflict: `WAIT_RESOLVED`, `WAIT_EXPIRED`, `WAIT_WITHDRAWN` or `EXECUTION_ENDED`; nothing has changed.
            InvalidInput: the value cannot be stored.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                await waits.resolve(connection, await waits.find(connection, wait_id), value)

    async def resolve_by_key(self, kind: str, key: str, value: Json) -> None:
        """The same for a wait that is known by its kind and key."""
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                await waits.resolve(connection, await waits.find_by_key(connection, kind, key), value)

    async def call(self, token: str, request: JsonObject) -> None:
        """Give a step what was sent to its address: `method`, `query` and `body`.

        Raises:
            NotFound, Conflict: as `resolve`.
            MethodRefused: the step does not take this method; nothing has changed.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                wait = await waits.find_by_key(connection, CALLED, key_of(token))
                methods = wait["opening"]["methods"]
                if request["method"] not in methods:
                    raise MethodRefused(
                        f"This address takes {' and '.join(methods)}.", remedy="Call it with that method."
                    )
                await waits.resolve(connection, wait, request)

    async def list(self, principal: Principal, execution_id: UUID) -> list[AddressedWait]:
        """What an execution waits for, and what it waited for; raises NotFound.

        An open wait comes with the address at which it can be ended, for those who may steer the execution.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                allowed = await access.require_execution(connection, principal, execution_id, Permission.VIEW)
                found = await waits.list_of_execution(connection, execution_id)
        steers = Permission.EXECUTE in allowed.permissions
        if not steers:
            # What a step keeps while it waits may be a link by which a question is decided.
            return [AddressedWait(wait._replace(opening=hide_addresses(wait.opening)), None) for wait in found]
        return [AddressedWait(wait, self.address_of(execution_id, wait)) for wait in found]

    def address_of(self, execution_id: UUID, wait: ListedWait) -> str | None:
        """Where an open wait can be ended from outside, if it has an address."""
        if wait.kind != CALLED or wait.outcome is not None or self.addresses is None:
            return None
        return self.addresses.url(str(execution_id), wait.node_id, wait.scope)
