"""What comes from outside for executions that wait: each wait takes one signal, the first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.services.executions import find as find_execution
from wingbeat.storage import waits
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.json_value import Json
    from wingbeat.storage.pool import Database
    from wingbeat.storage.waits import ListedWait


@dataclass(frozen=True)
class Signals:
    """The use cases of waits.

    All raise DatabaseUnavailable; then it is not known whether the signal was taken, and sending it again is harmless.
    """

    database: Database

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

    async def list(self, execution_id: UUID) -> list[ListedWait]:
        """What an execution waits for, and what it waited for; raises NotFound."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                await find_execution(connection, execution_id)
                return await waits.list_of_execution(connection, execution_id)
