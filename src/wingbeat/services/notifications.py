"""What can be done with notifications: tell, list, mark as read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from wingbeat.core.errors import InvalidInput, NotFound, StepError
from wingbeat.services.tasks import plain
from wingbeat.storage import notifications as rows
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import named_id
from wingbeat.storage.notifications import NotificationFields
from wingbeat.storage.pool import patiently, translate_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.json_value import JsonObject
    from wingbeat.sdk.notifications import Note
    from wingbeat.services.step_tasks import Step
    from wingbeat.storage.notifications import NotificationFilter, StoredNotification
    from wingbeat.storage.paging import Page, Paging
    from wingbeat.storage.pool import Database


@dataclass(frozen=True)
class Notifications:
    """The use cases of notifications. All raise DatabaseUnavailable."""

    database: Database

    async def list(self, wanted: NotificationFilter, paging: Paging) -> tuple[Page[StoredNotification], int | None]:
        """One page, and how many there are if the page is named by its number."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                page = await rows.list_page(connection, wanted, paging)
                total = await rows.count(connection, wanted) if paging.cursor is None else None
        return page, total

    async def mark_read(self, notification_id: UUID) -> StoredNotification:
        """It was read; raises NotFound (`NOTIFICATION_NOT_FOUND`)."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                marked = await rows.mark_read(connection, notification_id)
        if marked is None:
            raise NotFound(
                f"There is no notification {notification_id}.",
                code="NOTIFICATION_NOT_FOUND",
                remedy="List the notifications to find its id.",
            )
        return marked

    async def mark_all_read(self, recipient: str) -> int:
        """Somebody has read everything; how many that were."""
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await rows.mark_all_read(connection, recipient)


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
