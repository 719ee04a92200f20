"""What can be done with notifications: tell, list, mark as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from wingbeat.core.access import Permission
from wingbeat.core.errors import Conflict, InvalidInput, StepError
from wingbeat.core.people import names_of
from wingbeat.services.people.names import not_oneself
from wingbeat.services.people.tasks import plain
from wingbeat.services.permissions import access
from wingbeat.storage import notifications as rows
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import named_id
from wingbeat.storage.notifications import NotificationFields
from wingbeat.storage.pool import patiently, translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk.notifications import Note
    from wingbeat.services.people.step_tasks import Step
    from wingbeat.storage.notifications import NotificationFilter, StoredNotification
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database


NOTIFICATION = access.Kind("notification", "NOTIFICATION_NOT_FOUND", "List the notifications to find its id.")


@dataclass(frozen=True)
class Notifications:
    """The use cases of notifications, which are for nobody but their recipients. All raise DatabaseUnavailable."""

    database: Database

    async def list(
        self, principal: Principal, wanted: NotificationFilter, paging: Paging
    ) -> tuple[Page[StoredNotification], int | None]:
        """One page of the caller's own, and how many there are if the page is named by its number."""
        own = recipients_of(principal)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                page = await rows.list_page(connection, wanted, own, paging)
                total = await rows.count(connection, wanted, own) if paging.cursor is None else None
        return page, total

    async def mark_read(self, principal: Principal, notification_id: UUID) -> StoredNotification:
        """It was read; raises NotFound (`NOTIFICATION_NOT_FOUND`), also for somebody else's."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                async with as_engine(connection):
                    marked = await rows.mark_read(connection, notification_id, recipients_of(principal))
                if marked is None:
                    raise access.missing(NOTIFICATION, notification_id, Permission.EXECUTE)
        return marked

    async def mark_all_read(self, principal: Principal, recipient: str) -> int:
        """The caller has read everything, or all that one of its names was told; how many that were.

        Raises:
            Forbidden: it names somebody else.
            Conflict: `RECIPIENT_MISSING`, it names nobody, and the caller is nobody who is told things.
        """
        own = recipients_of(principal)
        if own is None and not recipient:
            raise Conflict(
                "Nobody is named whose notifications are read.",
                code="RECIPIENT_MISSING",
                remedy="Name the recipient, or ask as the one who was told.",
            )
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                if own is not None and recipient and recipient not in own:
                    raise not_oneself(NOTIFICATION.name, "all")
                async with as_engine(connection):
                    return await rows.mark_all_read(connection, [recipient] if recipient else own or [])


def recipients_of(principal: Principal) -> list[str] | None:
    """The names under which a caller is told things; None is everybody's."""
    return None if principal.unrestricted else list(names_of(principal))


@dataclass(frozen=True, slots=True)
class StepNotifications:
    """The tool `notifications` of one step; implements `wingbeat.sdk.notifications.Notifications`."""

    database: Database
    step: Step

    async def tell(self, recipients: Sequence[str], note: Note, *, turn: str = "") -> list[str]:
        """Tell them all or none, however long the database is away."""
        step = self.step
        everybody = list(dict.fromkeys(recipients))
        try:
            encode_json([note.title, note.text, note.link, note.data, list(everybody)])
        except InvalidInput as error:
            raise StepError(error.message, code=error.code, remedy=error.remedy, details=error.details) from error
        place = UUID(step.workflow_id), UUID(step.execution_id), step.node_id
        wanted = {
            named_id("notification", f"{step.idempotency_key}\n{turn}\n{one}"): NotificationFields(one, *note, *place)
            for one in everybody
        }

        async def write() -> None:
            async with self.database.pool.acquire() as connection, connection.transaction():
                for notification_id, fields in wanted.items():
                    await rows.insert(connection, notification_id, fields)

        await patiently(write)
        return [str(notification_id) for notification_id in wanted]


def show(notification: StoredNotification) -> JsonObject:
    """The notification as callers see it."""
    return {name: plain(getattr(notification, name)) for name in notification.__slots__}
