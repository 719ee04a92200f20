"""What comes from outside for executions that wait: each wait takes one signal, the first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from wingbeat.core.errors import Conflict, ExpressionError, InvalidInput, LimitReached, NotFound
from wingbeat.core.expression import Expression, compile_expression
from wingbeat.sdk.event_names import LONGEST_NAME, lookup_keys, matches
from wingbeat.services.executions import find as find_execution
from wingbeat.services.waits import key_of
from wingbeat.storage import waits
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.waits import WaitAddresses
    from wingbeat.storage.pool import Database
    from wingbeat.storage.waits import ListedWait


EVENT = "event"
CALLED = "webhook"
NOBODY = UUID(int=0)


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

    async def publish_event(self, name: str, source: str, data: Json, event_id: str) -> int:
        """Wake every execution that waits for such an event; returns how many did.

        Raises:
            InvalidInput: the event cannot be stored, or has a name that no event can have.
        """
        if not name or len(name) > LONGEST_NAME:
            raise InvalidInput(f"An event has a name of 1 to {LONGEST_NAME} characters.", remedy="Name the event.")
        event: JsonObject = {"id": event_id, "name": name, "source": source, "data": data}
        encode_json(event)
        woken, after = 0, NOBODY
        keys = lookup_keys(name)
        while True:
            with translate_errors():
                candidates = await waits.find_open(self.database.pool, EVENT, keys, after)
            for wait_id, opening in candidates:
                if fits(opening, event):
                    woken += await self._wake(wait_id, event)
            if not candidates:
                return woken
            after = candidates[-1][0]
            await asyncio.sleep(0)

    async def _wake(self, wait_id: UUID, event: JsonObject) -> bool:
        """Whether the event was the first to end this wait."""
        try:
            await self.resolve(wait_id, event)
        except (Conflict, NotFound):
            return False
        return True

    async def list(self, execution_id: UUID) -> list[ListedWait]:
        """What an execution waits for, and what it waited for; raises NotFound."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                await find_execution(connection, execution_id)
                return await waits.list_of_execution(connection, execution_id)

    def address_of(self, execution_id: UUID, wait: ListedWait) -> str | None:
        """Where an open wait can be ended from outside, if it has an address."""
        if wait.kind != CALLED or wait.outcome is not None or self.addresses is None:
            return None
        return self.addresses.url(str(execution_id), wait.node_id, wait.scope)


def fits(opening: Json, event: JsonObject) -> bool:
    """Whether an event is one that a wait is for. A filter that fails is not fulfilled."""
    wanted = cast("dict[str, Any]", opening)
    if not matches(wanted["name"], str(event["name"])):
        return False
    frozen = wanted.get("filter")
    if frozen is None:
        return True
    try:
        return _compiled(frozen["source"]).evaluate(_FrozenNames(frozen, event)) is True
    except (ExpressionError, LimitReached):
        return False


@lru_cache(1_000)
def _compiled(source: str) -> Expression:
    return compile_expression(source)


class _FrozenNames:
    """The names of an expression that was frozen, and the event."""

    def __init__(self, frozen: dict[str, Any], event: JsonObject) -> None:
        self._names: dict[str, Json] = {**frozen["names"], "event": event}
        self._nodes: dict[str, Json] = frozen["nodes"]

    def name(self, name: str) -> Json:
        """Raise `KeyError` when it was not there."""
        return self._names[name]

    def node(self, node_id: str) -> Json:
        """Raise `KeyError` when it had no output."""
        return self._nodes[node_id]

    def known(self) -> Iterable[str]:
        """Every name that there is."""
        return self._names
