"""Who watches lists of executions: of one workflow, or of all that the caller may see."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from wingbeat.core.access import Permission
from wingbeat.core.errors import NotFound
from wingbeat.services.live.notices import Edited
from wingbeat.services.live.story import Event, tell_edited, tell_listed
from wingbeat.services.permissions import access
from wingbeat.storage import live
from wingbeat.storage.access import allowed_workflows
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.live.listener import Listener
    from wingbeat.services.live.notices import Listed
    from wingbeat.storage.live import ListedExecution
    from wingbeat.storage.pool import Database

# At most so often lists are told of.
PAUSE_SECONDS = 1.0
MOST_TOLD = 100
MOST_KEPT = 500


@dataclass
class ListFollowing:
    """Somebody who watches a list, `of_all` workflows or of one.

    `visible` are the workflows whose executions it is told of; None is all of them.
    """

    listener: Listener
    visible: frozenset[UUID] | None
    of_all: bool = True

    def sees(self, execution: ListedExecution) -> bool:
        """Whether it is told of that execution."""
        user = self.listener.principal.user_id
        if self.visible is None or execution.workflow_id in self.visible:
            return True
        return self.of_all and bool(user) and execution.started_by == user


class Lists:
    """The lists that are watched in this process; true while there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._followings: dict[tuple[Listener, UUID | None], ListFollowing] = {}
        self._changed: dict[UUID, None] = {}
        self._workflows: set[UUID] = set()
        self._edited: list[Edited] = []
        # Followed since what was changed before could not be heard.
        self._unsure: set[UUID] = set()
        self._more = False
        self._told_at = 0.0

    def __bool__(self) -> bool:
        return bool(self._followings)

    async def follow_workflow(self, listener: Listener, workflow_id: UUID) -> None:
        """See `Hub.follow_workflow`."""
        await self._require(listener.principal, workflow_id)
        self._followings[listener, workflow_id] = ListFollowing(listener, frozenset({workflow_id}), of_all=False)
        self._unsure.add(workflow_id)

    async def follow_all(self, listener: Listener) -> None:
        """See `Hub.follow_all`."""
        self._followings[listener, None] = ListFollowing(listener, await self._visible(listener.principal))

    def unfollow(self, listener: Listener, workflow_id: UUID | None) -> None:
        """No more of that list."""
        self._followings.pop((listener, workflow_id), None)

    def forget(self, listener: Listener) -> None:
        """The listener is gone."""
        for key in [key for key in self._followings if key[0] is listener]:
            del self._followings[key]

    async def check(self, listener: Listener) -> list[tuple[UUID, NotFound]]:
        """Go by what the listener may see now; gives the workflows of which it may not, and what it would hear."""
        lost: list[tuple[UUID, NotFound]] = []
        for key in [key for key in self._followings if key[0] is listener]:
            workflow_id = key[1]
            if workflow_id is None:
                visible = await self._visible(listener.principal)
                if key in self._followings:
                    self._followings[key].visible = visible
                continue
            try:
                await self._require(listener.principal, workflow_id)
            except NotFound as gone:
                self._followings.pop(key, None)
                lost.append((workflow_id, gone))
        return lost

    def followers(self, workflow_id: UUID) -> list[Listener]:
        """Those who follow that workflow."""
        return [listener for listener, followed in self._followings if followed == workflow_id]

    def take_in(self, listed: Listed) -> bool:
        """What a worker says; whether anybody watches lists."""
        if not self._followings:
            return False
        for execution_id in listed.executions:
            self._changed.pop(execution_id, None)
            self._changed[execution_id] = None
        while len(self._changed) > MOST_KEPT:
            self._changed.pop(next(iter(self._changed)))
            self._more = True
        self._workflows |= listed.workflows
        self._more |= listed.more
        return True

    def take_in_edit(self, edited: Edited) -> bool:
        """What somebody says who changed a workflow; whether anybody watches it."""
        watched = any(workflow_id == edited.workflow_id for _, workflow_id in self._followings)
        if watched:
            self._edited = [*self._edited, edited][-MOST_TOLD:]
        return watched

    def missed(self) -> None:
        """Something may have been said that was not heard."""
        self._unsure |= {workflow_id for _, workflow_id in self._followings if workflow_id is not None}

    async def _tell_edits(self) -> None:
        """What was changed, and how the workflows stand of which it may not have been heard."""
        unsure = frozenset(self._unsure)
        stand: list[tuple[UUID, int, int | None, str]] = []
        if unsure:
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    stand = await live.read_revisions(connection, unsure)
        edits, self._edited = self._edited, []
        self._unsure -= unsure
        if stand:
            edits = [*(Edited(one[0], "update", *one[1:]) for one in stand), *edits]
        for edited in edits:
            for listener, workflow_id in list(self._followings):
                if workflow_id == edited.workflow_id:
                    await listener.hear(tell_edited(edited))

    async def run_once(self) -> None:
        """Tell what has gathered; of changes of a workflow at once."""
        await self._tell_edits()
        if not (self._changed or self._workflows) or time.monotonic() - self._told_at < PAUSE_SECONDS:
            return
        # What comes while this is read is for the next time.
        changed, self._changed = self._changed, {}
        try:
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    listed = await live.read_listed(connection, list(changed))
        except BaseException:
            self._changed = {**changed, **self._changed}
            raise
        workflows, more = frozenset(self._workflows), self._more
        self._workflows, self._more = set(), False
        self._told_at = time.monotonic()
        latest = sorted(listed, key=lambda one: one.execution_id, reverse=True)
        for following in list(self._followings.values()):
            if following.listener.ready():
                event = _tell(following, latest, workflows, more=more)
                if event is not None:
                    await following.listener.hear(event)

    async def _require(self, principal: Principal, workflow_id: UUID) -> None:
        with translate_errors():
            async with self._database.scoped(principal) as connection:
                await access.require(connection, principal, workflow_id, Permission.VIEW)

    async def _visible(self, principal: Principal) -> frozenset[UUID] | None:
        if principal.unrestricted and Permission.VIEW in principal.scopes:
            return None
        allowed = allowed_workflows(principal, first_argument=1)
        statement = f"SELECT workflow_id FROM workflows WHERE {allowed.sql}"  # noqa: S608 -- put together from constants
        with translate_errors():
            async with self._database.scoped(principal) as connection:
                return frozenset(row["workflow_id"] for row in await connection.fetch(statement, *allowed.arguments))


def _tell(
    following: ListFollowing, listed: Collection[ListedExecution], workflows: frozenset[UUID], *, more: bool
) -> Event | None:
    """The event of what changed in a list; None if nothing did that this listener may know of."""
    seen = [one for one in listed if following.sees(one)]
    changed = workflows if following.visible is None else workflows & following.visible
    if not (seen or changed):
        return None
    named: list[Json] = [str(one) for one in sorted(changed | {one.workflow_id for one in seen})]
    told: list[Json] = [tell_listed(one) for one in seen[:MOST_TOLD]]
    body: JsonObject = {"timestamp": datetime.now(UTC).isoformat(), "workflow_ids": named, "executions": told}
    return Event("executions", {**body, "more": more or len(seen) > MOST_TOLD})
