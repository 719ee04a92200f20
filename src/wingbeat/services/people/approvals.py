"""What can be done with approvals: ask, read, list, decide, escalate, let expire.

A step that waits for an approval goes on in the transaction of the decision that settles it.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from wingbeat.core.access import NOBODY, ON_A_THING, SYSTEM, Permission, permissions_on, with_view
from wingbeat.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from wingbeat.core.people import names_of, own_names_of
from wingbeat.sdk.approvals import WAIT_KIND, Option
from wingbeat.sdk.form_fields import read_form
from wingbeat.sdk.typed_fields import check_fields
from wingbeat.services.people.ballots import Choice, find_winner
from wingbeat.services.people.names import not_oneself
from wingbeat.services.people.tasks import plain
from wingbeat.services.permissions import access
from wingbeat.storage import approvals as rows
from wingbeat.storage import audit, waits
from wingbeat.storage.access import read_workflow_ownership
from wingbeat.storage.approvals import StoredDecision
from wingbeat.storage.audit import AuditEvent, Category
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.people.approval_links import ApprovalLinks, Claim
    from wingbeat.storage.approvals import ApprovalFields, ApprovalFilter, StoredApproval
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database

PENDING = "pending"
APPROVAL = access.Kind("approval", "APPROVAL_NOT_FOUND", "List the approvals to find its id.")
DECIDING = frozenset({Permission.VIEW, Permission.EXECUTE})


class Decision(NamedTuple):
    """What an approver says, and by which way: `api`, `link` or `app`."""

    approver: str
    option: str
    comment: str = ""
    fields: Mapping[str, Json] | None = None
    way: str = "api"


@dataclass(frozen=True, slots=True)
class ShownApproval:
    """A question with the decisions about it, in their order."""

    stored: StoredApproval
    decisions: Sequence[StoredDecision]

    @property
    def undecided(self) -> list[str]:
        """Those who have not answered."""
        decided = {one.approver for one in self.decisions}
        return [one for one in self.stored.approvers if one not in decided]

    @property
    def over(self) -> bool:
        """Whether its time is over, whether or not somebody has noticed."""
        expires = self.stored.expires_at
        return expires is not None and expires <= self.stored.now

    def decision_of(self, approver: str) -> StoredDecision | None:
        """What somebody decided."""
        return next((one for one in self.decisions if one.approver == approver), None)

    def decision_by(self, principal: Principal) -> StoredDecision | None:
        """What a user decided before, by whatever name and whichever way."""
        if principal.unrestricted or principal.user_id == NOBODY:
            return None
        own = own_names_of(principal)
        return next((one for one in self.decisions if one.decided_by == principal.user_id or one.approver in own), None)

    def options(self) -> list[Option]:
        """What there is to choose from."""
        return [Option.model_validate(one) for one in self.stored.options]

    def to_json(self) -> JsonObject:
        """As callers and workflows see it."""
        stored = self.stored
        shown = {name: plain(getattr(stored, name)) for name in stored.__slots__ if name != "now"}
        return {**shown, "decisions": self.decisions_json(), "undecided": list(self.undecided)}

    def decisions_json(self) -> list[Json]:
        """The decisions alone."""
        shown = [name for name in StoredDecision._fields if name != "decided_by"]
        return [{name: plain(getattr(one, name)) for name in shown} for one in self.decisions]


@dataclass(frozen=True)
class Approvals:
    """The use cases of approvals.

    All raise DatabaseUnavailable, and NotFound (`APPROVAL_NOT_FOUND`) for an id that there is not or that the caller
    may not see. It may if it is asked, or may see the workflow that asks.
    """

    database: Database
    links: ApprovalLinks

    async def ask(self, approval_id: UUID, fields: ApprovalFields) -> ShownApproval:
        """The question with this id, which is asked if there is none; raises InvalidInput if it cannot be stored."""
        encode_json([fields.title, fields.text, list(fields.approvers)])
        async with self._transaction(SYSTEM) as connection:
            await rows.insert(connection, approval_id, fields)
            return await find(connection, approval_id)

    async def get(self, principal: Principal, approval_id: UUID) -> ShownApproval:
        """The approval."""
        async with self._transaction(principal) as connection:
            await require(connection, principal, approval_id, Permission.VIEW)
            return await find(connection, approval_id)

    async def list(
        self, principal: Principal, wanted: ApprovalFilter, paging: Paging
    ) -> tuple[Page[ShownApproval], int | None]:
        """One page of those that the caller may see, and how many there are if the page is named by its number."""
        async with self._transaction(principal) as connection:
            page = await rows.list_page(connection, principal, wanted, paging)
            found = await rows.list_decisions(connection, [one.approval_id for one in page.items])
            total = await rows.count(connection, principal, wanted) if paging.cursor is None else None
        shown = [ShownApproval(one, found[one.approval_id]) for one in page.items]
        return type(page)(shown, page.more), total  # type: ignore[arg-type, return-value] # a page of what is shown

    async def decide(self, principal: Principal, approval_id: UUID, decision: Decision) -> ShownApproval:
        """Take a decision of the caller, once for each approver; saying the same again changes nothing.

        The caller decides as itself: by the first of its own names that is asked and has not decided, or by the one
        that the decision names. Who may do everything names an approver, on whose behalf it decides.

        Raises:
            Forbidden: `NOT_AN_APPROVER`; `PERMISSION_DENIED`, where it names somebody else.
            InvalidInput: `OPTION_UNKNOWN`, `COMMENT_MISSING`, `DECISION_INVALID`.
            Conflict: `DECISION_MADE`, `APPROVAL_DECIDED`, `APPROVAL_EXPIRED`, `APPROVAL_WITHDRAWN`.
        """
        async with self._transaction(principal) as connection:
            await require(connection, principal, approval_id, Permission.VIEW)
            async with as_engine(connection):
                shown = await find(connection, approval_id, locked=True)
                decision = decision._replace(approver=voice_of(principal, shown, decision.approver))
                taken = await take(connection, shown, decision, principal)
            await note(connection, principal, taken, decision)
            return taken

    async def decide_by_link(self, approval_id: UUID, decision: Decision) -> ShownApproval:
        """The same for whoever has the link of the approver that the decision names."""
        async with self._transaction(SYSTEM) as connection:
            shown = await find(connection, approval_id, locked=True)
            taken = await take(connection, shown, decision, SYSTEM)
            await note(connection, SYSTEM, taken, decision)
            return taken

    async def escalate(
        self, approval_id: UUID, level: int, approvers: Sequence[str], *, instead: bool
    ) -> ShownApproval:
        """Ask others too, or `instead`; once for each level, and only while it is open."""
        async with self._transaction(SYSTEM) as connection:
            shown = await find(connection, approval_id, locked=True)
            if shown.stored.status != PENDING or shown.stored.level >= level:
                return shown
            encode_json(list(approvers))
            before = [] if instead and approvers else shown.stored.approvers
            everybody = list(dict.fromkeys([*before, *approvers]))
            await load("approvals").escalate(connection, approval_id=approval_id, approvers=everybody, level=level)
            return await settle(connection, await find(connection, approval_id))

    async def expire(self, approval_id: UUID, default: str | None) -> ShownApproval:
        """Take no decisions any more."""
        async with self._transaction(SYSTEM) as connection:
            shown = await find(connection, approval_id, locked=True)
            if shown.stored.status == PENDING:
                await load("approvals").finish(connection, approval_id=approval_id, status="expired", outcome=default)
            return await find(connection, approval_id)

    async def open_link(self, token: str) -> tuple[ShownApproval, str]:
        """The question and the approver that a link is about, be it decided or too late.

        Raises:
            NotFound: `APPROVAL_LINK_UNKNOWN`, for one that was not made here, or leads to nothing.
            Conflict: `APPROVAL_LINK_REPLACED`, when others are asked by now; `APPROVAL_WITHDRAWN`, when nobody waits.
        """
        claim = self.links.read(token)
        if claim is None:
            raise unknown_link()
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                try:
                    shown = await find(connection, claim.approval_id)
                except NotFound as error:
                    raise unknown_link() from error
                if shown.stored.status == PENDING and not shown.over:
                    await refuse_late(connection, shown)
        return shown, who_has(claim, shown)

    @asynccontextmanager
    async def _transaction(self, principal: Principal) -> AsyncIterator[asyncpg.Connection]:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                yield connection


async def require(
    connection: asyncpg.Connection, principal: Principal, approval_id: UUID, permission: Permission
) -> None:
    """Make sure that the caller may do this with the approval; raises NotFound and Forbidden."""
    stored = await rows.get(connection, approval_id)
    allowed: frozenset[Permission] = frozenset()
    if stored is not None and principal.unrestricted:
        allowed = DECIDING
    elif stored is not None:
        allowed = DECIDING if set(stored.approvers) & set(names_of(principal)) else allowed
        if stored.workflow_id is not None:
            ownership = await read_workflow_ownership(connection, principal, stored.workflow_id)
            # That somebody may run the workflow is no answer to its question.
            sees = ownership is not None and Permission.VIEW in permissions_on(principal, ownership)
            allowed |= frozenset({Permission.VIEW}) if sees else frozenset()
    access.decide(allowed & with_view(principal.scopes & ON_A_THING), permission, APPROVAL, approval_id)


def voice_of(principal: Principal, shown: ShownApproval, said: str) -> str:
    """The approver as whom the caller decides; `said` is whom the decision names, if it names anybody.

    Raises:
        Forbidden: `NOT_AN_APPROVER`; `PERMISSION_DENIED`, it names somebody else than the caller.
    """
    asked = shown.stored.approvers
    # Who may do everything says in whose name, or decides as oneself where that one is asked.
    if said and principal.unrestricted:
        if said not in asked:
            raise not_asked(said)
        return said
    names = names_of(principal)
    if said and said not in names:
        raise not_oneself(APPROVAL.name, shown.stored.approval_id)
    own = [name for name in names if name in asked and (not said or name == said)]
    if not own:
        raise not_asked(said or principal.name)
    return next((name for name in own if name in shown.undecided), own[0])


async def take(
    connection: asyncpg.Connection, shown: ShownApproval, decision: Decision, principal: Principal
) -> ShownApproval:
    """Take a decision about a question that is locked; raises as `Approvals.decide`."""
    approval_id = shown.stored.approval_id
    if decision.approver not in shown.stored.approvers:
        raise not_asked(decision.approver)
    # Somebody who is asked by several names, as one's own and a role's, has one voice.
    made = shown.decision_of(decision.approver) or shown.decision_by(principal)
    if made is not None and made.option == decision.option:
        return shown
    if made is not None:
        raise decided_before(made)
    await refuse_late(connection, shown)
    option, fields = fitting(shown, decision)
    await load("approvals").insert_decision(
        connection,
        approval_id=approval_id,
        approver=decision.approver,
        option=option.name,
        comment=decision.comment.strip(),
        fields=encode_json(fields),
        way=decision.way,
        decided_by=principal.user_id,
    )
    return await settle(connection, await find(connection, approval_id))


async def note(connection: asyncpg.Connection, principal: Principal, shown: ShownApproval, decision: Decision) -> None:
    """Record that somebody decided; what they wrote is not part of it."""
    stored = shown.stored
    event = AuditEvent(
        Category.AUDIT,
        "approval.decide",
        APPROVAL.name,
        str(stored.approval_id),
        actor=principal.name,
        community_id=stored.community_id,
        execution_id=stored.execution_id,
        node_id=stored.node_id,
        detail={"approver": decision.approver, "option": decision.option, "way": decision.way},
    )
    await audit.write(connection, event)


async def find(connection: asyncpg.Connection, approval_id: UUID, *, locked: bool = False) -> ShownApproval:
    """The approval, whoever asks; raises NotFound."""
    stored = await rows.get(connection, approval_id, lock=locked)
    if stored is None:
        raise access.missing(APPROVAL, approval_id)
    return ShownApproval(stored, (await rows.list_decisions(connection, [approval_id]))[approval_id])


async def settle(connection: asyncpg.Connection, shown: ShownApproval) -> ShownApproval:
    """If the decisions have come to something: say so, and let whoever waits go on."""
    stored = shown.stored
    choices = [Choice(one.name, one.rejects) for one in shown.options()]
    votes = {one.approver: one.option for one in shown.decisions}
    winner = find_winner(choices, votes, stored.approvers, stored.rule, stored.needed)
    if winner is None:
        return shown
    await load("approvals").finish(connection, approval_id=stored.approval_id, status="decided", outcome=winner)
    settled = await find(connection, stored.approval_id)
    await waits.resolve_all(connection, WAIT_KIND, str(stored.approval_id), settled.to_json())
    return settled


async def refuse_late(connection: asyncpg.Connection, shown: ShownApproval) -> None:
    """Raise Conflict where it is too late for a decision."""
    stored = shown.stored
    if stored.status == "decided":
        raise Conflict(
            f"'{stored.title[:80]}' is decided: {stored.outcome}.",
            code="APPROVAL_DECIDED",
            remedy="Decisions are not changed any more.",
        )
    if stored.status == "expired" or shown.over:
        raise Conflict(
            f"The time to decide '{stored.title[:80]}' is over.",
            code="APPROVAL_EXPIRED",
            remedy="Ask whoever runs the workflow.",
        )
    if not await rows.is_awaited(connection, stored.approval_id):
        raise Conflict(
            f"Nobody waits for '{stored.title[:80]}' any more: the workflow ended, or went on without it.",
            code="APPROVAL_WITHDRAWN",
            remedy="There is nothing to do.",
        )


def fitting(shown: ShownApproval, decision: Decision) -> tuple[Option, JsonObject]:
    """The option, and the fields with their types; an option that rejects needs none. Raises InvalidInput."""
    options = shown.options()
    option = next((one for one in options if one.name == decision.option), None)
    if option is None:
        raise InvalidInput(
            f"There is no option '{decision.option[:80]}'.",
            code="OPTION_UNKNOWN",
            remedy=f"Choose one of: {', '.join(one.name for one in options)}.",
        )
    encode_json(decision.comment)
    if option.comment == "required" and not decision.comment.strip():
        raise InvalidInput(
            f"'{option.label or option.name}' needs a comment.", code="COMMENT_MISSING", remedy="Say why."
        )
    if option.comment == "none" and decision.comment.strip():
        raise invalid({"comment": "This option takes none."})
    form = read_form(shown.stored.form)
    given: Any = dict(decision.fields or {})
    encode_json(given)
    if option.rejects and not given:
        return option, {}
    values, faults = check_fields(form, given)
    if faults:
        raise invalid({f"fields.{name}": f"It {said}." for name, said in faults.items()})
    return option, values


def invalid(faults: Mapping[str, str]) -> InvalidInput:
    """What to say of a decision that does not fit the question."""
    problems: list[Json] = [{"field": name, "message": said} for name, said in faults.items()]
    name, said = next(iter(faults.items()))
    return InvalidInput(
        f"The decision does not fit: {name}: {said}",
        code="DECISION_INVALID",
        remedy="Read the approval's options and form.",
        details={"problems": problems},
    )


def not_asked(approver: str) -> Forbidden:
    """What to say to somebody who is not asked."""
    return Forbidden(
        f"'{approver[:80]}' is not asked for this approval.",
        code="NOT_AN_APPROVER",
        remedy="Decide as one of its approvers.",
    )


def decided_before(made: StoredDecision) -> Conflict:
    """What to say to somebody who comes a second time."""
    return Conflict(
        f"'{made.approver[:80]}' has decided already: {made.option}.",
        code="DECISION_MADE",
        remedy="A decision is not changed any more.",
    )


def unknown_link() -> NotFound:
    """What to say of a link that was not made here."""
    return NotFound(
        "This link does not lead to a question.",
        code="APPROVAL_LINK_UNKNOWN",
        remedy="Open it as it was sent, as a whole; parts may have been lost when it was copied.",
    )


def who_has(claim: Claim, shown: ShownApproval) -> str:
    """The approver that a link was made for; raises Conflict if that one is not asked any more."""
    decided = [one.approver for one in shown.decisions]
    approver = claim.names([*shown.stored.approvers, *decided])
    if approver is None:
        raise Conflict(
            "Others are asked to decide this by now.", code="APPROVAL_LINK_REPLACED", remedy="There is nothing to do."
        )
    return approver
