"""Forms as anybody has them who knows the address: shown, filled in, sent. Each page that was shown starts one run.

A page carries a token that we signed: without it nobody sends a form blindly, and sent twice it is still one. How often
an address sends is counted in the database, under a name that does not tell the address.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import structlog

from wingbeat.core.errors import Conflict, InvalidInput, NotFound, RateLimited, WingbeatError
from wingbeat.core.networks import read_address
from wingbeat.nodes.trigger.form import Form
from wingbeat.sdk.typed_fields import check_fields
from wingbeat.services.executions.firing import Firing
from wingbeat.storage import decisions, idempotency
from wingbeat.storage import forms as rows
from wingbeat.storage.blobs import BlobsUnavailable
from wingbeat.storage.decisions import Decision, Outcome, TriggerKind
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import despite_collisions, translate_errors

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.files import FileStore
    from wingbeat.services.executions.firing import Fired, Firings
    from wingbeat.services.webhooks.content import UploadedFile
    from wingbeat.storage.forms import FoundForm, StoredForm
    from wingbeat.storage.pool import Database

# For so long a page may be open before it is sent.
PAGE_SECONDS = 12 * 3600
NONCE_BYTES = 16
VISITOR_BYTES = 16
LONGEST_TOKEN = 64
LONGEST_PAGE_TOKEN = 200
# Whoever has one address of IPv6 mostly has all that begin so.
IPV6_PREFIX = 64
# Outcomes of what led to an execution, its own or one that it was taken together with.
TAKEN = frozenset({Outcome.FIRED, Outcome.COALESCED})

log = structlog.get_logger()


class FormClosed(Conflict):
    """The form is switched off, or its workflow is."""

    default_code = "FORM_CLOSED"


class PageTokenRefused(InvalidInput):
    """The page was not made by us for this form, or was open for too long."""

    default_code = "FORM_PAGE_EXPIRED"


class FormRefused(InvalidInput):
    """What was sent does not fit; `faults` by field."""

    default_code = "FORM_INVALID"

    def __init__(self, faults: Mapping[str, str]) -> None:
        errors: list[Json] = [{"field": name, "message": fault} for name, fault in faults.items()]
        super().__init__(
            f"The form does not fit: {', '.join(faults)[:300]}.",
            remedy="Send every required field, each with a value of its type, and no others.",
            details={"errors": errors},
        )
        self.faults = faults


@dataclass(frozen=True)
class Submission:
    """What was sent. A page of ours has a `page_token`, a program may have a `key`; `trapped` filled in the trap."""

    values: JsonObject
    address: str
    files: Mapping[str, UploadedFile] = field(default_factory=dict)
    page_token: str | None = None
    key: str | None = None
    trapped: bool = False
    # Fields for which several files came.
    twice: Collection[str] = ()


class ShownForm(NamedTuple):
    """A form to be shown, with the token for its page."""

    stored: StoredForm
    form: Form
    page_token: str


class Sent(NamedTuple):
    """What came of a submission; no execution for one that only seems to be taken."""

    stored: StoredForm
    execution_id: UUID | None
    replayed: bool


@dataclass(frozen=True)
class FormIntake:
    """What can be done at the address of a form. `key` signs pages, and hides addresses.

    All raise NotFound (`FORM_NOT_FOUND`), FormClosed, and DatabaseUnavailable: then sending the same page again is
    harmless.
    """

    database: Database
    firings: Firings
    files: FileStore
    key: bytes

    async def open(self, token: str) -> ShownForm:
        """The form, ready to be filled in."""
        found = await self._find(token)
        return ShownForm(found.stored, read_form(found.stored), self._page_token(found))

    async def submit(self, token: str, submission: Submission) -> Sent:
        """Start the workflow with what was sent.

        Raises:
            RateLimited: `FORM_RATE_LIMITED`, with `retry_after_seconds` in its details.
            PageTokenRefused: the page is not ours, or too old.
            FormRefused: what was sent does not fit.
            Conflict: `FORM_SENT_BEFORE`: the page was sent before with something else.
            StepError: a file is too big, or cannot be kept.
        """
        found = await self._find(token)
        await self._count(found.stored, submission.address)
        if submission.trapped:
            await self._note(found.stored, Outcome.INVALID, "FORM_HONEYPOT")
            return Sent(found.stored, None, replayed=False)
        nonce = self._nonce(found, submission)
        form = read_form(found.stored)
        await self._check(found.stored, form, submission)
        execution_id = new_id()
        values = await self._keep_files(execution_id, submission)
        try:
            sent = await self._start(found.stored, execution_id, nonce, values, digest_of(submission))
        except BaseException:
            await self._drop_files(execution_id, submission)
            raise
        if sent.replayed:
            await self._drop_files(execution_id, submission)
        return sent

    async def _find(self, token: str) -> FoundForm:
        if len(token) > LONGEST_TOKEN or not token.isascii() or "\0" in token:
            raise no_form()
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                found = await rows.find_by_token(connection, token)
        if found is None:
            raise no_form()
        if not found.open:
            raise FormClosed("This form is not open at the moment.", remedy="Ask whoever gave you its address.")
        return found

    async def _count(self, stored: StoredForm, address: str) -> None:
        """Count the attempt, whatever comes of it."""
        visitor = hmac.digest(self.key, f"visitor {stored.form_id} {network_of(address)}".encode(), "sha256")
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                visits = await rows.count_visit(connection, stored, visitor[:VISITOR_BYTES])
        if visits.made <= stored.rate_limit_max:
            return
        if visits.made == stored.rate_limit_max + 1:
            await self._note(stored, Outcome.LIMITED, "FORM_RATE_LIMITED")
        raise RateLimited(
            "This form was sent too often from your address.",
            code="FORM_RATE_LIMITED",
            remedy=f"Wait {visits.seconds_left} seconds, and send it again.",
            details={"retry_after_seconds": visits.seconds_left},
        )

    def _page_token(self, found: FoundForm) -> str:
        head = f"{int(found.now) + PAGE_SECONDS}.{to_text(secrets.token_bytes(NONCE_BYTES))}"
        return f"{head}.{to_text(self._sign(found.stored, head))}"

    def _nonce(self, found: FoundForm, submission: Submission) -> bytes:
        """What tells this submission from others."""
        if submission.page_token is None:
            if submission.key is None:
                return secrets.token_bytes(NONCE_BYTES)
            return hmac.digest(self.key, b"key " + submission.key.encode(), "sha256")
        token = submission.page_token
        head, _, signature = token.rpartition(".")
        fits = len(token) <= LONGEST_PAGE_TOKEN and token.isascii() and head
        if not fits or not hmac.compare_digest(to_text(self._sign(found.stored, head)), signature):
            raise PageTokenRefused("The page cannot be taken as it was sent.", remedy="Send the form once more.")
        until, _, nonce = head.partition(".")
        if int(until) < found.now:
            raise PageTokenRefused("The page was open for too long.", remedy="Send the form once more.")
        return urlsafe_b64decode(nonce + "=" * (-len(nonce) % 4))

    def _sign(self, stored: StoredForm, head: str) -> bytes:
        return hmac.digest(self.key, f"page {stored.form_id} {head}".encode(), "sha256")

    async def _check(self, stored: StoredForm, form: Form, submission: Submission) -> None:
        """Check the values before any file is kept; a file stands for itself."""
        wanted = {one.name for one in form.fields if one.type == "file"}
        # Nobody has given out a reference of a file to whoever fills in a form.
        faults = dict.fromkeys(wanted & submission.values.keys(), "is sent as a file")
        faults |= dict.fromkeys(submission.twice, "takes one file")
        stand_ins: JsonObject = {name: {"$file": ""} for name in submission.files}
        values = {name: value for name, value in submission.values.items() if name not in faults}
        faults |= check_fields(form.fields, {**values, **stand_ins}).faults
        if faults:
            await self._note(stored, Outcome.INVALID, "FORM_INVALID", {"fields": [*list(faults)[:100]]})
            raise FormRefused(faults)

    async def _start(
        self, stored: StoredForm, execution_id: UUID, nonce: bytes, values: JsonObject, digest: bytes
    ) -> Sent:
        encode_json(values)

        async def take() -> tuple[UUID | None, Fired | None]:
            async with self.database.pool.acquire() as connection, connection.transaction():
                earlier = await rows.insert_submission(connection, stored.form_id, nonce, digest, execution_id)
                if earlier is None:
                    return None, await self._fire(connection, stored, execution_id, nonce, values)
                if earlier.digest != digest:
                    return None, None
                known = decision(stored, Outcome.DUPLICATE, "FORM_SENT_BEFORE", execution_id=earlier.execution_id)
                await decisions.write(connection, [known])
                return earlier.execution_id, None

        replayed, fired = await despite_collisions(take)
        if replayed is not None:
            return Sent(stored, replayed, replayed=True)
        if fired is None:
            raise Conflict(
                "This page was sent before, with something else on it.",
                code="FORM_SENT_BEFORE",
                remedy="Open the form anew, and send that.",
            )
        if fired.outcome not in TAKEN:
            raise not_taken(fired)
        return Sent(stored, fired.execution_id, replayed=False)

    async def _fire(
        self, connection: asyncpg.Connection, stored: StoredForm, execution_id: UUID, nonce: bytes, values: JsonObject
    ) -> Fired:
        """Start the workflow; if it is not to be, a decision says why, and the page may be sent again."""
        firing = Firing(
            stored.workflow_id, TriggerKind.FORM, values, stored.node_id, stored.form_id, execution_id=execution_id
        )
        [fired] = await self.firings.fire(connection, [firing])
        if fired.outcome not in TAKEN:
            await rows.remove_submission(connection, stored.form_id, nonce)
        else:
            await rows.note_submission(connection, stored.form_id, nonce, fired.execution_id)
        return fired

    async def _keep_files(self, execution_id: UUID, submission: Submission) -> JsonObject:
        store = self.files.of(execution_id)
        values = dict(submission.values)
        for name, file in submission.files.items():
            values[name] = await store.keep(file.data, name=file.name, media_type=file.media_type)
        return values

    async def _drop_files(self, execution_id: UUID, submission: Submission) -> None:
        """What started nothing keeps no files."""
        if submission.files:
            try:
                await self.files.blobs.drop([execution_id])
            except BlobsUnavailable as error:  # Upkeep finds them.
                log.warning("form_files_not_dropped", execution_id=str(execution_id), error=error.message)

    async def _note(self, stored: StoredForm, outcome: Outcome, reason: str, detail: JsonObject | None = None) -> None:
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                await decisions.write(connection, [decision(stored, outcome, reason, detail)])


def not_taken(fired: Fired) -> WingbeatError:
    """What people are told whose form started nothing: no more than that it is not open, or too much at once."""
    if fired.outcome in {Outcome.LIMITED, Outcome.OVERFLOW}:
        return RateLimited(
            "This form gets more at the moment than can be dealt with.",
            code="FORM_LIMITED",
            remedy="Send it again in a while.",
        )
    return FormClosed("This form is not open at the moment.", remedy="Ask whoever gave you its address.")


def read_form(stored: StoredForm) -> Form:
    """What the form asks for."""
    return Form.model_validate(stored.definition)


def decision(
    stored: StoredForm,
    outcome: Outcome,
    reason: str,
    detail: JsonObject | None = None,
    execution_id: UUID | None = None,
) -> Decision:
    """What came of a submission that started nothing."""
    return Decision(
        stored.workflow_id,
        TriggerKind.FORM,
        outcome,
        stored.form_id,
        stored.node_id,
        execution_id,
        reason=reason,
        detail=detail or {},
    )


def digest_of(submission: Submission) -> bytes:
    """Changes with anything that was filled in."""
    parts = [encode_json(submission.values)]
    for name in sorted(submission.files):
        file = submission.files[name]
        parts += [name.encode("utf-8", "surrogatepass"), file.name.encode("utf-8", "surrogatepass"), file.data]
    return idempotency.hash_request(*parts)


def network_of(address: str) -> str:
    """Whom an address stands for: itself, or of IPv6 its network."""
    found = read_address(address)
    if found is None:
        return address
    if found.version == 4:  # noqa: PLR2004 - a version
        return str(found)
    return str(int(found) >> (128 - IPV6_PREFIX))


def no_form() -> NotFound:
    """What an address answers at which there is no form."""
    return NotFound("There is no such form.", code="FORM_NOT_FOUND", remedy="Check the address.")


def to_text(data: bytes) -> str:
    """Bytes as they stand in a token."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()
