"""The addresses of approvals: list, read, decide; and the pages that signed links lead to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.failures import status_of
from wingbeat.api.paging import page_meta
from wingbeat.api.people.approval_page import message_page, question_page
from wingbeat.api.people.bodies import DecisionBody
from wingbeat.api.people.shapes import ApprovalShape
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.requests import check, read_bytes, read_object, refuse_nul
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta, PageMeta
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, WingbeatError
from wingbeat.sdk.form_fields import read_form
from wingbeat.services.people.approvals import Decision
from wingbeat.storage.approvals import ApprovalFilter
from wingbeat.storage.paging import Paging
from wingbeat.storage.secret_addresses import DECISION_PATH

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.people.approvals import Approvals, ShownApproval

TAG = "approvals"
ROOT = "/api/v1/approvals"
ONE = ROOT + "/{approval_id:uuid}"
LINK = DECISION_PATH + "/{token}"
ONE_ANSWER = Envelope[ApprovalShape, NoMeta]
VIEW = Permission.VIEW
FORM_TYPE = "application/x-www-form-urlencoded"
MOST_FORM_BYTES = 1_000_000
MOST_FORM_FIELDS = 2_000
GONE = 410

LIST = Operation("GET", ROOT, VIEW, "List approvals", {200: Envelope[list[ApprovalShape], PageMeta]}, TAG)
GET = Operation("GET", ONE, VIEW, "Read an approval", {200: ONE_ANSWER}, TAG, errors=(404,))
DECIDE = Operation(
    "POST",
    f"{ONE}/decisions",
    Permission.EXECUTE,
    "Decide as an approver; a step that waits for it goes on once it is settled",
    {200: ONE_ANSWER},
    TAG,
    errors=(404, 409),
    body=DecisionBody,
)
# Pages for people rather than an API, so they are in no document.
SHOW_LINK = Operation("GET", LINK, Permission.PUBLIC, "The page of a link", {200: None}, TAG, hidden=True)
USE_LINK = Operation("POST", LINK, Permission.PUBLIC, "Decide by a link", {200: None}, TAG, hidden=True)


class ApprovalListQuery(BaseModel):
    """Which approvals to list."""

    model_config = ConfigDict(extra="forbid")

    status: Annotated[list[Literal["pending", "decided", "expired"]], Field(max_length=3)] = []
    execution_id: UUID | None = None
    approver: Annotated[str, Field(max_length=320, description="Those that this one is asked for.")] | None = None
    open: bool = Field(
        default=False, description="Those that somebody waits for; with `approver`, which this one has not decided."
    )
    sort: Literal["-created_at", "created_at", "expires_at"] = "-created_at"
    page: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: UUID | None = Field(None, description="`next_cursor` of the page before; `page` does not count then.")

    def wanted(self) -> ApprovalFilter:
        """As the database is asked."""
        refuse_nul(approver=self.approver)
        return ApprovalFilter(self.status or None, self.execution_id, self.approver, self.open)


@dataclass(frozen=True)
class ApprovalRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    approvals: Approvals
    max_body_bytes: int

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        for operation, endpoint in (
            (LIST, self.list_approvals),
            (GET, self.get_approval),
            (DECIDE, self.decide_approval),
            (SHOW_LINK, self.show_approval_link),
            (USE_LINK, self.use_approval_link),
        ):
            add_operation(app, operation, endpoint)

    async def list_approvals(self, request: Request, query: Annotated[ApprovalListQuery, Query()]) -> Response:
        """One page."""
        paging = Paging(query.sort, query.page, query.per_page, query.cursor)
        page, total = await self.approvals.list(principal_of(request), query.wanted(), paging)
        last = page.items[-1].stored.approval_id if page.items else None
        meta = page_meta(paging, total, last if page.more else None)
        return success("Approvals.", [shown.to_json() for shown in page.items], meta=meta)

    async def get_approval(self, request: Request, approval_id: UUID) -> Response:
        """With the decisions so far."""
        return success("The approval.", (await self.approvals.get(principal_of(request), approval_id)).to_json())

    async def decide_approval(self, request: Request, approval_id: UUID) -> Response:
        """Once for each approver; the same decision again changes nothing."""
        body = check(DecisionBody, await read_object(request, self.max_body_bytes, required=True))
        decision = Decision(body.approver, body.option, body.comment, body.fields, body.way)
        taken = await self.approvals.decide(principal_of(request), approval_id, decision)
        return success("The decision is taken.", taken.to_json())

    async def show_approval_link(self, token: str) -> Response:
        """Only shows: whatever opens a link to look at it decides nothing."""
        try:
            shown, approver = await self.approvals.open_link(token)
        except (Conflict, NotFound) as error:
            return refusal(error)
        return over(shown, approver) or question_page(shown, approver)

    async def use_approval_link(self, request: Request, token: str) -> Response:
        """Decides, once."""
        try:
            shown, approver = await self.approvals.open_link(token)
            given = await read_form_body(request)
        except WingbeatError as error:
            return refusal(error)
        ended = over(shown, approver, status=409)
        if ended is not None:
            return ended
        decision = decision_of(shown, approver, given)
        try:
            await self.approvals.decide_by_link(shown.stored.approval_id, decision)
        except InvalidInput as error:
            return question_page(shown, approver, fault=error.message, given=given)
        except WingbeatError as error:
            return refusal(error)
        label = next(one.label or one.name for one in shown.options() if one.name == decision.option)
        return message_page(
            "Thank you",
            f"Your decision on '{shown.stored.title}' is taken: {label}. This page can be closed.",
            status=200,
        )


def over(shown: ShownApproval, approver: str, *, status: int = GONE) -> Response | None:
    """The page that says why there is nothing to decide; None if there is."""
    stored, made = shown.stored, shown.decision_of(approver)
    if made is not None:
        label = next((one.label or one.name for one in shown.options() if one.name == made.option), made.option)
        return message_page(
            "You have decided", f"Your decision on '{stored.title}' was: {label}. It is not changed.", status=status
        )
    if stored.status == "decided":
        return message_page("It is decided", f"'{stored.title}' was decided by others.", status=status)
    if stored.status == "expired" or shown.over:
        return message_page("It is too late", f"The time to decide '{stored.title}' is over.", status=status)
    return None


def refusal(error: WingbeatError) -> Response:
    """An error as a page; others than the caller's own go the usual way."""
    status = status_of(error)
    if status >= 500:  # noqa: PLR2004 - not the caller's
        raise error
    if error.code in {"APPROVAL_LINK_REPLACED", "APPROVAL_WITHDRAWN"}:
        return message_page("There is nothing to decide", error.message, status=GONE)
    return message_page("This link cannot be used", str(error), status=status)


async def read_form_body(request: Request) -> dict[str, list[str]]:
    """What a browser sends.

    Raises:
        InvalidInput: it is none.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = await read_bytes(request, MOST_FORM_BYTES)
    try:
        given = parse_qs(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=MOST_FORM_FIELDS,
        )
    except ValueError as error:
        raise no_form() from error
    if media_type != FORM_TYPE or any("\0" in text for texts in given.values() for text in texts):
        raise no_form()
    return given


def no_form() -> InvalidInput:
    """What to say of a body that no browser sends."""
    return InvalidInput("What came is not the form of this page.", remedy="Open the link in a browser.")


def decision_of(shown: ShownApproval, approver: str, given: dict[str, list[str]]) -> Decision:
    """The decision in a form; what was left empty is left out."""
    form = {field.name: field for field in read_form(shown.stored.form)}
    fields: dict[str, Any] = {}
    for name, texts in given.items():
        if not name.startswith("field.") or not any(text.strip() for text in texts):
            continue
        field = form.get(name.removeprefix("field."))
        several = field is not None and field.type == "multi_select"
        fields[name.removeprefix("field.")] = texts if several else texts[-1]
    for field in form.values():
        if field.type == "boolean" and not (field.required and field.default is None):
            fields.setdefault(field.name, False)
    option = next((one for one in shown.options() if one.name == given.get("option", [""])[-1]), None)
    if option is not None and option.rejects:
        fields = {}
    comment = given.get("comment", [""])[-1][:20_000]
    if option is not None and option.comment == "none":
        comment = ""
    return Decision(approver, given.get("option", [""])[-1], comment, fields, "link")
