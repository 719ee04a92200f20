"""Rows of forms that start workflows, and of what was sent. What a form asks for is read elsewhere."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import JsonObject

TOKEN_BYTES = 24


class FormDefinition(NamedTuple):
    """The form of one trigger: the parameters of its node."""

    node_id: str
    definition: JsonObject


class StoredForm(NamedTuple):
    """A form with how it is set and what came of it. `published`: whether the published revision has it."""

    form_id: UUID
    workflow_id: UUID
    node_id: str
    token: str
    enabled: bool
    published: bool
    definition: JsonObject
    rate_limit_max: int
    rate_limit_window: int
    thanks_title: str
    thanks_text: str
    created_at: datetime
    updated_at: datetime
    submission_count: int
    last_submitted_at: datetime | None
    last_execution_id: UUID | None


class FoundForm(NamedTuple):
    """A form by its address; `open` if anybody may fill it in at the moment `now` (seconds since the epoch)."""

    stored: StoredForm
    open: bool
    now: float


class Visits(NamedTuple):
    """How often an address sent a form in the present window, and in how many seconds that is over."""

    made: int
    seconds_left: int


class Submitted(NamedTuple):
    """What was sent before, and the execution that it started."""

    digest: bytes
    execution_id: UUID | None


def new_token() -> str:
    """An address that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


async def replace(connection: asyncpg.Connection, workflow_id: UUID, wanted: Sequence[FormDefinition]) -> None:
    """Let a workflow show these forms and no others; in the caller's transaction. Each keeps its address."""
    statements = load("forms")
    await statements.withdraw(connection, workflow_id=workflow_id, nodes=[one.node_id for one in wanted])
    if wanted:
        await statements.keep(
            connection,
            ids=[new_id() for _ in wanted],
            tokens=[new_token() for _ in wanted],
            workflow_id=workflow_id,
            nodes=[one.node_id for one in wanted],
            definitions=[encode_json(one.definition) for one in wanted],
        )


def as_form(row: asyncpg.Record) -> StoredForm:
    """A row as a value."""
    return StoredForm(*(row[name] for name in StoredForm._fields))


async def find_by_token(connection: asyncpg.Connection, token: str) -> FoundForm | None:
    """The form at an address."""
    row = await load("forms").find_by_token(connection, token=token)
    return None if row is None else FoundForm(as_form(row), row["open"], row["now"])


async def count_visit(connection: asyncpg.Connection, form: StoredForm, visitor: bytes) -> Visits:
    """Count that somebody sends the form."""
    row = await load("forms").count_visit(
        connection, form_id=form.form_id, visitor=visitor, seconds=form.rate_limit_window
    )
    return Visits(row["count"], row["seconds_left"])


async def insert_submission(
    connection: asyncpg.Connection, form_id: UUID, nonce: bytes, digest: bytes, execution_id: UUID
) -> Submitted | None:
    """Note what is sent, in the transaction that starts its execution; gives what was sent before under the nonce."""
    statements = load("forms")
    inserted = await statements.insert_submission(
        connection, form_id=form_id, nonce=nonce, digest=digest, execution_id=execution_id
    )
    if inserted is not None:
        return None
    row = await statements.find_submission(connection, form_id=form_id, nonce=nonce)
    return None if row is None else Submitted(row["digest"], row["execution_id"])


async def remove_submission(connection: asyncpg.Connection, form_id: UUID, nonce: bytes) -> None:
    """What started nothing may be sent again."""
    await load("forms").remove_submission(connection, form_id=form_id, nonce=nonce)


async def note_submission(
    connection: asyncpg.Connection, form_id: UUID, nonce: bytes, execution_id: UUID | None
) -> None:
    """Count one more, and note the execution that it led to."""
    await load("forms").note_submission(connection, form_id=form_id, nonce=nonce, execution_id=execution_id)


async def list_of_workflow(connection: asyncpg.Connection, workflow_id: UUID) -> list[StoredForm]:
    """The forms of a workflow, also those that the published revision does not have."""
    return [as_form(row) for row in await load("forms").list_of_workflow(connection, workflow_id=workflow_id)]


async def lock(connection: asyncpg.Connection, workflow_id: UUID, form_id: UUID) -> StoredForm | None:
    """A form of the workflow, which nobody else changes until the caller's transaction ends."""
    row = await load("forms").lock_form(connection, workflow_id=workflow_id, form_id=form_id)
    return None if row is None else as_form(row)


async def change(connection: asyncpg.Connection, form: StoredForm) -> StoredForm:
    """Write how a form is set, and its address."""
    return as_form(
        await load("forms").change(
            connection,
            form_id=form.form_id,
            token=form.token,
            enabled=form.enabled,
            rate_limit_max=form.rate_limit_max,
            rate_limit_window=form.rate_limit_window,
            thanks_title=form.thanks_title,
            thanks_text=form.thanks_text,
        )
    )


async def forget(connection: asyncpg.Connection, before: datetime) -> None:
    """Forget what was sent before a time, and who sent it; forms stay."""
    await load("forms").forget_submissions(connection, before=before)
    await load("forms").forget_visits(connection)
