"""Who has a workflow open, in this process and in others. It is known in memory alone, and only while they have.

Each process says what its own clients say of themselves, anew every few seconds; what is not said again was of a
process that is gone. Who may hear of it is decided where workflows are followed.
"""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from wingbeat.core.access import Permission
from wingbeat.core.errors import Forbidden, NotFound
from wingbeat.services.live.notices import Here, Present, write_present
from wingbeat.services.live.story import tell_present
from wingbeat.services.permissions import access
from wingbeat.storage import live
from wingbeat.storage.pool import translate_errors

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from wingbeat.services.live.listener import Listener
    from wingbeat.storage.pool import Database

# At most so often anything is said of it.
PAUSE_SECONDS = 0.5
RENEW_SECONDS = 5.0
# Two renewals may be lost.
GONE_SECONDS = 13.0


class Presence:
    """What is known of who has workflows open. `followers` are those here who hear of a workflow."""

    def __init__(self, database: Database, followers: Callable[[UUID], Collection[Listener]]) -> None:
        self._database = database
        self._followers = followers
        self._process = uuid4().hex
        self._numbers = count()
        self._here: dict[Listener, tuple[int, Here]] = {}
        self._elsewhere: dict[tuple[str, int], tuple[Here, float]] = {}
        self._told: dict[tuple[Listener, UUID], list[Here]] = {}
        self._unsaid: dict[int, Here | None] = {}
        self._changed: set[UUID] = set()
        self._asks = False
        self._renewed_at = self._paused_until = 0.0

    @property
    def waits(self) -> bool:
        """Whether something is to be said or told."""
        return bool(self._unsaid or self._changed or self._asks)

    async def say(self, listener: Listener, here: Here) -> None:
        """The listener has a workflow open that it follows, or does something else there than before.

        Who may not change the workflow only looks on, whatever it says. Callers who are no users are seen by nobody.
        """
        if not listener.principal.user_id:
            return
        if (here.editing or here.node is not None) and not await self._may_edit(listener, here.workflow_id):
            here = replace(here, editing=False, node=None)
        # It may have left meanwhile.
        if listener in self._followers(here.workflow_id):
            self._note(listener, here)

    async def check(self, listener: Listener) -> None:
        """Who may change the workflow no more only looks on."""
        number, here = self._here.get(listener, (None, None))
        if here is None or here == (calm := replace(here, editing=False, node=None)):
            return
        if not await self._may_edit(listener, here.workflow_id) and self._here.get(listener) == (number, here):
            self._note(listener, calm)

    def _note(self, listener: Listener, here: Here) -> None:
        number, before = self._here.get(listener, (None, None))
        if before == here:
            return
        if number is None:
            number = next(self._numbers)
        self._here[listener] = (number, here)
        self._unsaid[number] = here
        self._changed |= {here.workflow_id} if before is None else {here.workflow_id, before.workflow_id}

    async def _may_edit(self, listener: Listener, workflow_id: UUID) -> bool:
        with translate_errors():
            async with self._database.scoped(listener.principal) as connection:
                try:
                    await access.require(connection, listener.principal, workflow_id, Permission.EDIT)
                except (Forbidden, NotFound):
                    return False
        return True

    def leave(self, listener: Listener, workflow_id: UUID | None = None) -> None:
        """The listener has that workflow open no more, or none."""
        number, here = self._here.get(listener, (None, None))
        if number is None or here is None or workflow_id not in {None, here.workflow_id}:
            return
        del self._here[listener]
        self._unsaid[number] = None
        self._changed.add(here.workflow_id)

    def came(self, listener: Listener, workflow_id: UUID) -> None:
        """The listener hears of the workflow from now on, and knows nobody who is there."""
        self._told.pop((listener, workflow_id), None)
        self._changed.add(workflow_id)

    def forget(self, listener: Listener) -> None:
        """The listener is gone."""
        self.leave(listener)
        for key in [key for key in self._told if key[0] is listener]:
            del self._told[key]

    def missed(self) -> None:
        """What others said may not have been heard, and they not what was said here."""
        self._asks = True
        self._renewed_at = 0.0

    def take_in(self, said: Present) -> bool:
        """What another process says; whether anything is to be done about it."""
        if said.process == self._process:
            return False
        if said.asks:
            self._renewed_at = 0.0
        now = time.monotonic()
        for number, here in said.people:
            key = (said.process, number)
            before = self._elsewhere.pop(key, None)
            if here is not None:
                self._elsewhere[key] = (here, now)
            if before is None or before[0] != here:
                self._changed |= {one.workflow_id for one in (here, before and before[0]) if one is not None}
        return self.waits or (said.asks and bool(self._here))

    async def run_once(self) -> None:
        """Say to other processes, and tell those who follow here, what has changed."""
        self._age()
        if time.monotonic() < self._paused_until or not self.waits:
            return
        self._paused_until = time.monotonic() + PAUSE_SECONDS
        changed, self._changed = self._changed, set()
        unsaid, self._unsaid = self._unsaid, {}
        asks, self._asks = self._asks, False
        for workflow_id in changed:
            await self._tell(workflow_id)
        if not (unsaid or asks):
            return
        try:
            with translate_errors():
                async with self._database.pool.acquire() as connection:
                    notices = write_present(Present(self._process, asks, tuple(unsaid.items())))
                    await live.tell(connection, live.MOVED, notices)
        except BaseException:
            self._unsaid = {**unsaid, **self._unsaid}
            self._asks |= asks
            raise

    def _age(self) -> None:
        """What was not renewed is gone, and what is here is renewed."""
        now = time.monotonic()
        for key in [key for key, (_, heard_at) in self._elsewhere.items() if now - heard_at > GONE_SECONDS]:
            self._changed.add(self._elsewhere.pop(key)[0].workflow_id)
        if self._here and now - self._renewed_at >= RENEW_SECONDS:
            self._renewed_at = now
            self._unsaid = {**dict(self._here.values()), **self._unsaid}

    async def _tell(self, workflow_id: UUID) -> None:
        for listener in list(self._followers(workflow_id)):
            if not listener.ready():
                self._changed.add(workflow_id)
                continue
            others = self._others(listener, workflow_id)
            if others != self._told.get((listener, workflow_id), []):
                self._told[listener, workflow_id] = others
                await listener.hear(tell_present(workflow_id, others, listener.principal.user_id))

    def _others(self, listener: Listener, workflow_id: UUID) -> list[Here]:
        """All that have it open but for the listener itself; of one tab that came back, only what was said last."""
        _, own = self._here.get(listener, (None, None))
        everybody = [*(here for here, _ in self._elsewhere.values()), *(here for _, here in self._here.values())]
        tabs = {(here.user_id, here.tab): here for here in everybody if here.workflow_id == workflow_id}
        if own is not None:
            tabs.pop((own.user_id, own.tab), None)
        return sorted(tabs.values(), key=lambda here: (not here.editing, here.name, here.tab))
