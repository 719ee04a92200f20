"""Trying a connection: a real attempt, whose result is kept with the connection."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wingbeat.core.access import Permission
from wingbeat.core.errors import StepError
from wingbeat.egress.testers import try_connection
from wingbeat.services.connections.connections import CONNECTION, find, note, show
from wingbeat.services.permissions.access import missing
from wingbeat.storage.connections import as_stored
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject
    from wingbeat.egress.testers import Means
    from wingbeat.services.connections.connections import ShownConnection
    from wingbeat.storage.pool import Database


@dataclass(frozen=True)
class ConnectionTests:
    """The use case."""

    database: Database
    means: Means

    async def run(self, principal: Principal, connection_id: UUID) -> tuple[JsonObject, ShownConnection]:
        """Try it; whether it went well is in the result. It is for everybody who may use the connection.

        Raises:
            NotFound: there is no such connection, or the caller may not see it.
            Forbidden: the caller may not use it.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                stored = await find(connection, principal, connection_id, Permission.EXECUTE)
        began = time.perf_counter()
        result: JsonObject
        try:
            said = await try_connection(str(connection_id), stored.kind, self.means)
            result = {"ok": True, "message": said, "error_code": None, "remedy": ""}
        except StepError as error:
            result = {"ok": False, "message": error.message, "error_code": error.code, "remedy": error.remedy}
        result["seconds"] = round(time.perf_counter() - began, 3)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await find(connection, principal, connection_id, Permission.EXECUTE)
                async with as_engine(connection):
                    row = await load("connections").note_test(
                        connection, connection_id=connection_id, result=encode_json(result)
                    )
                if row is None:
                    raise missing(CONNECTION, connection_id)
                tested, outcome = as_stored(row), str(result["error_code"] or "success")
                await note(connection, principal, tested, "connection.test", result=outcome)
                return result, await show(connection, principal, tested)
