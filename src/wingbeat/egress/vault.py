"""Where secrets are decrypted, and nowhere else: a connection is opened for one use of one step, and that is recorded.

`use` is the way for every client of this package. What goes wrong inside it comes out without secrets, counts for the
connection's circuit breaker, and the plaintext is gone with it; nothing decrypted is kept between two uses.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar
from uuid import UUID

import orjson
from pydantic import ValidationError

from wingbeat.core.errors import DatabaseUnavailable, StepError, WingbeatError
from wingbeat.egress.breaker import admit, record
from wingbeat.egress.hosts import is_allowed
from wingbeat.egress.kinds import KINDS
from wingbeat.egress.scrubbing import Scrubber
from wingbeat.storage import audit
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.connections import SECRETS, as_sealed
from wingbeat.storage.pool import patiently, translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.sealing import Place, Undecryptable, unseal
from wingbeat.storage.secret import Secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

    import asyncpg

    from wingbeat.core.json_value import JsonObject
    from wingbeat.egress.breaker import Breaking
    from wingbeat.egress.kinds import Config
    from wingbeat.storage.keys import Keys
    from wingbeat.storage.pool import Database

C = TypeVar("C", bound="Config")
# How exactly a row says when its connection was last used; the record of uses has each.
NOTED_FOR = timedelta(minutes=1)


class Step(Protocol):
    """On whose behalf a connection is opened; the sdk's `Context` is one. The owner of its workflow must reach it."""

    @property
    def execution_id(self) -> str:
        """A UUID."""
        ...

    @property
    def node_id(self) -> str:
        """The node's id in the workflow."""
        ...


class Trial(NamedTuple):
    """Stands for a step when somebody tests a connection."""

    execution_id: str = ""
    node_id: str = ""


@dataclass
class Opened:
    """A connection with its secrets, for one use.

    `config` is the model of its kind; secrets that are not set are missing.
    """

    connection_id: UUID
    name: str
    kind: str
    config: Config
    secrets: Mapping[str, Secret]
    allowed_hosts: tuple[str, ...]
    scrubber: Scrubber = field(default_factory=Scrubber, repr=False)
    breaking: Breaking | None = field(default=None, repr=False)

    def config_as(self, model: type[C]) -> C:
        """The settings as the model of the kind that was asked for."""
        if not isinstance(self.config, model):
            raise TypeError(f"A connection of the kind {self.kind} has no {model.__name__}.")
        return self.config

    def reveal(self, name: str) -> str | None:
        """The text of a secret, or None where it is not set."""
        secret = self.secrets.get(name)
        return None if secret is None else secret.reveal()

    def require_host(self, host: str) -> None:
        """Refuse a host that the connection is not for.

        Raises:
            StepError: `CONNECTION_HOST_REFUSED`.
        """
        allowed = self.allowed_hosts or self.config.hosts()
        if not is_allowed(host, allowed):
            raise StepError(
                f"The connection '{self.name}' is not for the host '{host[:200]}'; nothing was sent.",
                code="CONNECTION_HOST_REFUSED",
                remedy="Use another address, or have the host added to what the connection allows.",
                details={"connection_id": str(self.connection_id), "host": host[:200], "allowed_hosts": list(allowed)},
            )

    def note_failure(self) -> None:
        """Count this use as a failure of the other side, whatever comes of it: it did not answer, or with a 5xx."""
        if self.breaking is not None:
            self.breaking.failed = True

    def note_answer(self) -> None:
        """Count this use as a success even if it ends in an error: the other side is up and said no."""
        if self.breaking is not None:
            self.breaking.answered = True


class Vault:
    """Opens connections. One for each process."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self.database = database
        self.keys = keys

    @asynccontextmanager
    async def use(
        self,
        connection_id: str,
        step: Step,
        kinds: Collection[str],
        *,
        host: str | None = None,
        anyway: bool = False,
    ) -> AsyncIterator[Opened]:
        """A connection for one use; `host` is where it is used, if not at the host that its settings name.

        `anyway` tries it even while its circuit is open.

        Errors from inside come out as `StepError`s without secrets and without the errors that they came from, whose
        texts nobody knows. A `StepError` whose code begins with EGRESS_ and that is `retryable` counts as a failure of
        the other side; see also `Opened.note_failure`.

        Raises:
            StepError: what `open` raises, `CONNECTION_CLIENT_FAILED`, and what is raised inside.
        """
        opened = await self.open(connection_id, step, kinds, host=host, anyway=anyway)
        try:
            yield opened
        except StepError as error:
            await self._record(opened, error)
            raise opened.scrubber.scrub_error(error) from None
        except WingbeatError:  # Ours, and not about the connection: the database is gone, a limit is reached.
            raise
        except Exception as error:  # noqa: BLE001 - a client library may raise anything, with anything in its text
            failed = opened.scrubber.scrub_error(client_failed(opened, error))
            await self._record(opened, failed)
            raise failed from None
        else:
            await self._record(opened, None)

    async def open(
        self,
        connection_id: str,
        step: Step,
        kinds: Collection[str],
        *,
        host: str | None = None,
        anyway: bool = False,
    ) -> Opened:
        """Check, decrypt, and record the use before the secret is handed out.

        Raises:
            StepError: `CONNECTION_UNKNOWN`, `CONNECTION_WRONG_KIND`, `CONNECTION_DISABLED`, `CONNECTION_HOST_REFUSED`,
                `CONNECTION_CIRCUIT_OPEN`, `CONNECTION_INVALID` or `CONNECTION_UNDECRYPTABLE`.
            DatabaseUnavailable: nothing could be read; where it is for a step, that waits until something can be.
        """
        if step.execution_id:
            return await patiently(lambda: self._open(connection_id, step, kinds, host, anyway=anyway))
        return await self._open(connection_id, step, kinds, host, anyway=anyway)

    async def _open(
        self, connection_id: str, step: Step, kinds: Collection[str], host: str | None, *, anyway: bool
    ) -> Opened:
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                row = await load("connections").get_for_use(
                    connection,
                    connection_id=as_uuid(connection_id),
                    execution_id=UUID(step.execution_id) if step.execution_id else None,
                    node_id=step.node_id,
                )
                if row is None:
                    raise unknown(connection_id)
                if not row["admitted"]:
                    await audit.write(connection, foreign_use(row, step))
                    raise unknown(connection_id)
                try:
                    refuse_unfit(row, kinds)
                    opened = self._opened(row, host)
                    host = host or next(iter(opened.config.hosts()), None)
                    opened.breaking = await admit(connection, row, opened.config.breaker, anyway=anyway)
                except StepError as error:
                    await self._write_down(connection, row, step, host, error.code)
                    raise
                await self._write_down(connection, row, step, host, "success")
        return opened

    def _opened(self, row: asyncpg.Record, host: str | None) -> Opened:
        secrets = self._decrypt(row)
        opened = Opened(
            row["connection_id"],
            row["name"],
            row["kind"],
            read_config(row),
            secrets,
            tuple(row["allowed_hosts"]),
            Scrubber(secret.reveal() for secret in secrets.values()),
        )
        if host is not None:
            opened.require_host(host)
        return opened

    def _decrypt(self, row: asyncpg.Record) -> dict[str, Secret]:
        if row["payload"] is None:
            return {}
        try:
            data = unseal(self.keys, Place(row["connection_id"], SECRETS, row["version"]), as_sealed(row))
        except Undecryptable as error:
            raise as_step_error(error) from None
        return {name: Secret(text) for name, text in orjson.loads(data).items()}

    async def _write_down(
        self, connection: asyncpg.Connection, row: asyncpg.Record, step: Step, host: str | None, result: str
    ) -> None:
        await audit.write(
            connection,
            AuditEvent(
                Category.AUDIT if result == "success" else Category.ERROR,
                "connection.use",
                "connection",
                str(row["connection_id"]),
                community_id=row["community_id"],
                execution_id=UUID(step.execution_id) if step.execution_id else None,
                node_id=step.node_id or None,
                result=result,
                detail=described_use(row, host),
            ),
        )
        used = row["last_used_at"]
        if result == "success" and (used is None or row["now"] - used > NOTED_FOR):
            await load("connections").note_use(connection, connection_id=row["connection_id"])

    async def _record(self, opened: Opened, error: StepError | None) -> None:
        """Tell the breaker how it went. That it cannot be told does not change what came of the use."""
        if opened.breaking is None or not opened.breaking.has_news(error):
            return
        with suppress(DatabaseUnavailable), translate_errors():
            async with self.database.pool.acquire() as connection:
                await record(connection, opened.connection_id, opened.config.breaker, opened.breaking)


def described_use(row: asyncpg.Record, host: str | None) -> JsonObject:
    """What the record says besides who and when."""
    about: JsonObject = {"name": row["name"], "kind": row["kind"]}
    return about if host is None else {**about, "host": host[:253]}


def foreign_use(row: asyncpg.Record, step: Step) -> AuditEvent:
    """What is written down when a workflow asks for a connection that is not its owner's: for whose it is, to see."""
    return AuditEvent(
        Category.AUTHZ,
        "connection.use",
        "connection",
        str(row["connection_id"]),
        actor=f"workflow {row['workflow_id']}",
        community_id=row["community_id"],
        execution_id=UUID(step.execution_id),
        node_id=step.node_id or None,
        result="CONNECTION_UNKNOWN",
    )


def as_uuid(connection_id: str) -> UUID:
    """The id; raises `StepError` for what is none."""
    try:
        return UUID(connection_id)
    except ValueError:
        raise unknown(connection_id) from None


def unknown(connection_id: str) -> StepError:
    """What to say when there is no such connection, or it is somebody else's."""
    return StepError(
        f"There is no connection {connection_id[:80]}.",
        code="CONNECTION_UNKNOWN",
        remedy="Choose one of the stored connections in the node's parameters.",
        details={"connection_id": connection_id[:80]},
    )


def read_config(row: asyncpg.Record) -> Config:
    """The settings as their kind has them by now; raises `StepError` where they do not fit any more."""
    try:
        return KINDS[row["kind"]].config.model_validate(row["config"])
    except ValidationError as error:
        places = ", ".join(".".join(map(str, found["loc"])) for found in error.errors(include_input=False))
        raise StepError(
            f"The settings of the connection '{row['name']}' do not fit its kind '{row['kind']}': {places[:300]}.",
            code="CONNECTION_INVALID",
            remedy="Save the connection anew.",
            details={"connection_id": str(row["connection_id"])},
        ) from None


def refuse_unfit(row: asyncpg.Record, kinds: Collection[str]) -> None:
    """Refuse a connection that is switched off, or that is of another kind than the node needs."""
    about: JsonObject = {"connection_id": str(row["connection_id"]), "kind": row["kind"]}
    if row["kind"] not in kinds or row["kind"] not in KINDS:
        raise StepError(
            f"The connection '{row['name']}' is of the kind '{row['kind']}', and this needs {' or '.join(kinds)}.",
            code="CONNECTION_WRONG_KIND",
            remedy="Choose a connection of a fitting kind in the node's parameters.",
            details=about,
        )
    if not row["enabled"]:
        raise StepError(
            f"The connection '{row['name']}' is switched off.",
            code="CONNECTION_DISABLED",
            remedy="Switch it on, or choose another.",
            details=about,
        )


def as_step_error(error: Undecryptable) -> StepError:
    """The same, as the step's failure."""
    return StepError(error.message, code=error.code, remedy=error.remedy, details=error.details)


def client_failed(opened: Opened, error: Exception) -> StepError:
    """What to say of an error whose text nobody knows: its kind, and not what it says."""
    return StepError(
        f"Using the connection '{opened.name}' failed: {type(error).__name__}.",
        code="CONNECTION_CLIENT_FAILED",
        remedy="Test the connection; if the test is good, what the node sent may be at fault.",
        details={"connection_id": str(opened.connection_id)},
    )
