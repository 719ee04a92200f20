"""Trying a connection: a real attempt, whose result is kept with the connection."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError
from wingbeat.egress.testers import try_connection
from wingbeat.services.connections import find, note, show
from wingbeat.storage.connections import as_stored
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.json_value import JsonObject
    from wingbeat.egress.testers import Means
    from wingbeat.services.connections import ShownConnection
    from wingbeat.storage.pool import Database


@dataclass(frozen=True)
class ConnectionTests:
    """The use case."""

    database: Database
    means: Means

    async def run(self, connection_id: UUID) -> tuple[JsonObject, ShownConnection]:
        """Try it; whether it went well is in the result.

        Raises:
            NotFound: there is no such connection.
        """
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                stored = await find(connection, connection_id)
        began = time.perf_counter()
        result: JsonObject
        try:
            said = await try_connection(str(connection_id), stored.kind, self.means)
            result = {"ok": True, "message": said, "error_code": None, "remedy": ""}
        except StepError as error:
            result = {"ok": False, "message": error.message, "error_code": error.code, "remedy": error.remedy}
        result["seconds"] = round(time.perf_counter() - began, 3)
        with translate_errors():
            async with self.database.pool.acquire() as connection, connection.transaction():
                await find(connection, connection_id, locked=True)
                row = await load("connections").note_test(
                    connection, connection_id=connection_id, result=encode_json(result)
                )
                tested = as_stored(row)
                await note(connection, tested, "connection.test", result=str(result["error_code"] or "success"))
                return result, await show(connection, tested)
