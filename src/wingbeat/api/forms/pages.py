"""The public addresses of forms: a page for people, and the same for programs that send JSON."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.caller_address import address_of
from wingbeat.api.failures import retry_header, status_of
from wingbeat.api.forms.page import FIELD, NOT_YET, TOKEN, TRAP, Wrong, form_page, message_page
from wingbeat.api.permission import Permission
from wingbeat.api.requests import read_bytes, read_idempotency_key, read_object
from wingbeat.api.routing import Operation, add_operation
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, RateLimited, WingbeatError
from wingbeat.services.forms.forms import ADDRESS
from wingbeat.services.forms.intake import FormClosed, FormRefused, PageTokenRefused, Submission
from wingbeat.services.webhooks.content import FormBody, read_content

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from wingbeat.core.json_value import JsonObject
    from wingbeat.core.networks import Network
    from wingbeat.nodes.trigger.form import Form
    from wingbeat.services.forms.intake import FormIntake, Sent, ShownForm
    from wingbeat.services.webhooks.content import UploadedFile

PATH = ADDRESS + "{token}"
TAG = "forms"
GONE = 410
LONGEST_SHOWN = 20_000
# Pages for people rather than an API, so they are in no document.
SHOW = Operation("GET", PATH, Permission.PUBLIC, "The page of a form", {200: None}, TAG, hidden=True)
SEND = Operation("POST", PATH, Permission.PUBLIC, "Send a form", {200: None}, TAG, hidden=True)


class Filled(NamedTuple):
    """What a browser sent: texts and files by field, the page's token, and whether the trap was filled in."""

    texts: dict[str, list[str]]
    files: dict[str, UploadedFile]
    twice: list[str]
    page_token: str
    trapped: bool


@dataclass(frozen=True)
class FormPages:
    """The endpoints."""

    intake: FormIntake
    max_body_bytes: int
    proxies: Sequence[Network] = ()

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        add_operation(app, SHOW, self.show_form)
        add_operation(app, SEND, self.send_form)

    async def show_form(self, token: str) -> Response:
        """Shows it; nothing is started by looking."""
        try:
            shown = await self.intake.open(token)
        except (NotFound, Conflict) as error:
            return refusal(error)
        return form_page(shown.form, shown.page_token)

    async def send_form(self, request: Request, token: str) -> Response:
        """Starts the workflow, once for each page that was shown."""
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json":
            return await self._take_json(request, token)
        try:
            shown = await self.intake.open(token)
            content = await self._read(request)
            filled = filled_of(content)
        except WingbeatError as error:
            return refusal(error)
        return await self._take_page(request, token, shown, filled)

    async def _take_page(self, request: Request, token: str, shown: ShownForm, filled: Filled) -> Response:
        try:
            submission = Submission(
                values_of(shown.form, filled),
                address_of(request, self.proxies),
                filled.files,
                page_token=filled.page_token,
                trapped=filled.trapped,
                twice=filled.twice,
            )
            sent = await self.intake.submit(token, submission)
        except FormRefused as error:
            return again(shown, filled, Wrong(error.faults))
        except PageTokenRefused as error:
            return again(shown, filled, Wrong({}, f"{error.message} {error.remedy}"))
        except RateLimited as error:
            return message_page("Too often", str(error), status=429, headers=retry_header(error))
        except WingbeatError as error:
            return refusal(error)
        return thanks(sent)

    async def _take_json(self, request: Request, token: str) -> Response:
        """For programs: the fields as an object; an Idempotency-Key makes it one, however often it is sent."""
        values = await read_object(request, self.max_body_bytes)
        key = read_idempotency_key(request)
        sent = await self.intake.submit(token, Submission(values, address_of(request, self.proxies), key=key))
        data = {"execution_id": sent.execution_id}
        headers = {"Idempotency-Replayed": "true"} if sent.replayed else {}
        return success("The form is taken.", data, status=HTTPStatus.ACCEPTED, headers=headers)

    async def _read(self, request: Request) -> FormBody:
        raw = await read_bytes(request, self.max_body_bytes)
        types = [value.encode("latin-1") for value in request.headers.getlist("content-type")]
        encodings = [value.encode("latin-1") for value in request.headers.getlist("content-encoding")]
        content = read_content(types, encodings, raw)
        if not isinstance(content, FormBody):
            raise InvalidInput("What came is not the form of this page.", remedy="Open the address in a browser.")
        return content


def filled_of(content: FormBody) -> Filled:
    """What a browser sent, sorted."""
    fields = {
        name: [str(one) for one in value] if isinstance(value, list) else [str(value)]
        for name, value in content.fields.items()
    }
    texts = {name.removeprefix(FIELD): value for name, value in fields.items() if name.startswith(FIELD)}
    files: dict[str, UploadedFile] = {}
    twice = []
    for file in content.files:
        if not file.field.startswith(FIELD) or not (file.name or file.data):
            continue  # Nothing was chosen.
        name = file.field.removeprefix(FIELD)
        if name in files:
            twice.append(name)
        files[name] = file
    trapped = any(text.strip() for text in fields.get(TRAP, ()))
    return Filled(texts, files, twice, fields.get(TOKEN, [""])[0], trapped)


def values_of(form: Form, filled: Filled) -> JsonObject:
    """The values of the fields as the trigger is to have them; what was left empty is left out."""
    kinds = {field.name: field for field in form.fields}
    values: JsonObject = {}
    for name, texts in filled.texts.items():
        if any(text.strip() for text in texts):
            several = name in kinds and kinds[name].type == "multi_select"
            values[name] = [*texts] if several else texts[-1]
    for field in form.fields:
        # A box that must be ticked is missing if it is not; any other is off.
        if field.type == "boolean" and not (field.required and field.default is None):
            values.setdefault(field.name, False)
    return values


def again(shown: ShownForm, filled: Filled, wrong: Wrong) -> Response:
    """The form once more, with what was sent."""
    given = {
        field.name: [text[:LONGEST_SHOWN] for text in filled.texts.get(field.name, ())] for field in shown.form.fields
    }
    if filled.files:
        wrong = wrong._replace(notice=f"{wrong.notice or NOT_YET} Please choose the files once more.")
    return form_page(shown.form, shown.page_token, given, wrong)


def thanks(sent: Sent) -> Response:
    """What people see when it is done."""
    title = sent.stored.thanks_title or "Thank you"
    return message_page(title, sent.stored.thanks_text or "It was sent. This page can be closed.", status=200)


def refusal(error: WingbeatError) -> Response:
    """An error as a page; others than the caller's own go the usual way."""
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise error
    if isinstance(error, FormClosed):
        return message_page("This form is closed", str(error), status=GONE)
    if isinstance(error, NotFound):
        return message_page("There is no such form", error.remedy, status=status)
    return message_page("This cannot be sent", str(error), status=status)
