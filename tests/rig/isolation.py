"""Who is who in the matrix of isolation, what each may do by the rules of the house, and the things that are theirs.

The table of rights is written down by hand: it is what the code is held to, so it must not be computed by the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import httpx
from tests.rig.ownership import put_execution

from wingbeat.api.admission import Admission, require_scope
from wingbeat.api.permission import Permission
from wingbeat.api.principal import IDENTITY
from wingbeat.core.access import SERVICE, Principal, PrincipalKind
from wingbeat.core.access import Permission as Right
from wingbeat.core.errors import Unauthenticated
from wingbeat.core.json_value import JsonObject
from wingbeat.services.executions.files import FileDownloads
from wingbeat.services.identity.authentication import CredentialKind, Identity
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import Database

MARKER = "zwölf-Boxkämpfer-mark"
MISSING = "00000000-0000-7000-8000-000000000000"
COMMUNITY, OTHER, GRANTED = 10, 11, 12
AUTHOR, STARTER = 1, 30
ALL = "view edit delete execute"


def user(user_id: int, communities: Mapping[int, str] | None = None, **more: Any) -> Principal:  # noqa: ANN401 - of Principal
    """A caller."""
    return Principal(PrincipalKind.USER, user_id, f"user{user_id}", communities=communities or {}, **more)


@dataclass(frozen=True)
class Person:
    """A caller with what the rules give: on the workflow, on its execution if that differs, and by its scopes."""

    principal: Principal | None
    workflow: str = ""
    execution: str | None = None
    owns: bool = False
    # Whether it may decide whatever is asked of people.
    asked: bool = False
    # On things that have an author and a community, and no grants; and on tasks, which are for who may run things.
    thing: str | None = None
    task: str | None = None

    def rights_on(self, kind: str) -> frozenset[str]:
        """What it may do with a thing of this kind."""
        given = self.workflow
        if kind == "execution" and self.execution is not None:
            given = self.execution
        if kind in {"thing", "task"} and self.thing is not None:
            given = self.thing
        if kind == "task" and self.task is not None:
            given = self.task
        if kind == "approval":
            given = "view execute" if self.asked else "view" if "view" in given else ""
        return frozenset(given.split())


PEOPLE: Mapping[str, Person] = {
    "nobody": Person(None),
    "stranger": Person(user(2)),
    "faceless": Person(user(0)),
    "admin of another community": Person(user(8, {OTHER: "admin"})),
    "member": Person(user(7, {COMMUNITY: "member"})),
    "starter": Person(user(STARTER), execution="view execute"),
    "granted to run": Person(user(23), workflow="", thing=""),
    "viewer": Person(user(3, {COMMUNITY: "viewer"}), "view", task=""),
    "granted to view": Person(user(20), "view", thing=""),
    "granted to view by role": Person(user(24, roles=frozenset({"auditors"})), "view", thing=""),
    "granted to view by community": Person(user(25, {GRANTED: "member"}), "view", thing=""),
    "author who may only view": Person(user(AUTHOR, scopes=frozenset({Right.VIEW})), "view"),
    "author who may only run": Person(user(AUTHOR, scopes=frozenset({Right.EXECUTE}))),
    "operator": Person(user(4, {COMMUNITY: "operator"}), "view execute"),
    "granted to delete": Person(user(22), "view delete", thing=""),
    "granted to edit": Person(user(21), "view edit", thing=""),
    "editor": Person(user(5, {COMMUNITY: "editor"}), "view edit execute"),
    "admin": Person(user(6, {COMMUNITY: "admin"}), ALL, owns=True),
    "author": Person(user(AUTHOR), ALL, owns=True),
    "service": Person(SERVICE, ALL, owns=True, asked=True),
}
# The author at the time when the things were made, as an editor of the community, which it has left since.
FOUNDER = "founder"
FOUNDING = Person(user(AUTHOR, {COMMUNITY: "editor"}), ALL, owns=True)
# Who may run it and not see it: starting it is all that they can do.
RUNNERS = frozenset({"granted to run", "author who may only run"})
GRANTS: tuple[JsonObject, ...] = (
    {"user_id": 20, "can_view": True},
    {"user_id": 21, "can_edit": True},
    {"user_id": 22, "can_delete": True},
    {"user_id": 23, "can_execute": True},
    {"role": "auditors", "can_view": True},
    {"community_id": GRANTED, "can_view": True},
)


async def admit_by_name(_admission: Admission, request: Any, permission: Permission, **_: object) -> None:  # noqa: ANN401 - starlette's
    """Take the caller at its word: who it is was verified elsewhere, and is not what is tested here."""
    if permission is Permission.PUBLIC:
        return
    person = {**PEOPLE, FOUNDER: FOUNDING}.get(request.headers.get("x-person", "nobody"))
    if person is None or person.principal is None:
        raise Unauthenticated("Nobody is nobody.", remedy="Be somebody.")
    request.scope[IDENTITY] = Identity(person.principal, CredentialKind.JWT)
    if permission is not Permission.SIGNED_IN:
        require_scope(person.principal, Right(permission.value))


def definition(text: str = MARKER, **more: Any) -> JsonObject:  # noqa: ANN401 - JSON
    """A workflow with a text in each field that takes one."""
    return {
        "name": text,
        "description": text,
        "nodes": [
            {"id": "start", "type": "trigger.manual", "name": text, "notes": text},
            {"id": "step", "type": "data.transform", "parameters": {"value": text}, "pinned_output": text},
            {"id": "end", "type": "flow.end"},
        ],
        "connections": [{"from": "start", "to": "step"}, {"from": "step", "to": "end"}],
        "global_variables": {"secret": text},
        **more,
    }


@dataclass(frozen=True)
class Case:
    """One operation on somebody's thing, with a body and headers that would do.

    `kind` says whose rules hold: those of workflows, of executions, of what forks them (which runs the workflow too),
    or of things without grants. With `owner`, it is for who owns the workflow; what `runs` it may be asked unseen.
    `status` is that of the execution before.
    """

    kind: str
    body: object = None
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    owner: bool = False
    runs: bool = False
    status: str = "failed"


def outcome_for(who: str, person: Person, case: Case, declared: str) -> str:
    """What must come of it: a status, or `reached` for who may."""
    if person.principal is None:
        return "401"
    if declared not in person.principal.scopes:
        return "403"
    rights = person.rights_on(case.kind)
    if case.runs and who in RUNNERS:
        return "reached"
    if "view" not in rights:
        # Who sees the execution, and not the workflow that would run again, learns which of the two is missing.
        return "404 of the workflow" if case.kind == "fork" and "view" in person.rights_on("execution") else "404"
    if case.owner:
        return "reached" if person.owns else "403"
    return "reached" if declared in rights else "403"


@dataclass
class World:
    """The installation of one test: the things of the author, who shares them with the community."""

    database: Database
    client: httpx.AsyncClient
    ids: dict[str, str] = field(default_factory=dict)
    _files: Any = None

    async def begin(self, files: FileDownloads) -> None:
        """Make the things of the author."""
        self.ids |= {"workflow_id": await self.new_workflow(), "node_id": "step", "revision": "1", "other": "1"}
        self._files = files.store

    async def prepare(self, kind: str, case: Case) -> None:
        """Make a new thing of this kind, which the paths are about from now on."""
        if kind == "connection" or "connection_id" not in self.ids:
            body = {"name": MARKER, "kind": "bearer", "allowed_hosts": ["api.example.com"], "secrets": {"token": "t"}}
            made = await self.make("POST", "/api/v1/connections", {**body, "community_id": COMMUNITY})
            self.ids["connection_id"] = str(made["connection_id"])
        if kind in {"workflow", "webhook", "schedule", "form"}:
            self.ids["workflow_id"] = await self.new_workflow()
            path = self.fill("/api/v1/workflows/{workflow_id}/permissions")
            granted = (await self.ask("author", "GET", path)).json()["data"]
            self.ids["permission_id"] = str(granted[0]["permission_id"])
        if kind == "webhook":
            path = self.fill("/api/v1/workflows/{workflow_id}/webhooks")
            self.ids["webhook_id"] = str((await self.make("POST", path, {"name": MARKER}))["webhook_id"])
        if kind == "schedule":
            path = self.fill("/api/v1/workflows/{workflow_id}/schedules")
            made = await self.make("POST", path, {"name": MARKER, "description": MARKER, "cron_expression": "@daily"})
            self.ids["schedule_id"] = str(made["schedule_id"])
        if kind == "task":
            body = {"title": MARKER, "description": MARKER, "labels": [MARKER], "data": {"secret": MARKER}}
            made = await self.make("POST", "/api/v1/tasks", {**body, "community_id": COMMUNITY})
            self.ids["task_id"] = str(made["task_id"])
        if kind in {"approval", "form"}:
            await (self._ask_people() if kind == "approval" else self._show_form())
        if kind == "execution":
            self.ids["execution_id"] = await self.new_execution(status=case.status)
            self.ids |= {"sequence": "1"}
            kept = self._files.of(UUID(self.ids["execution_id"]))
            reference = await kept.keep(MARKER.encode(), name=MARKER, media_type="text/plain")
            self.ids["file"] = str(reference["$file"])

    async def prepare_all(self) -> None:
        """Make a thing of every kind, and let the schedule run."""
        for kind in ("execution", "webhook", "schedule", "connection", "task", "approval"):
            await self.prepare(kind, Case(kind))
        await self.make("POST", self.fill("/api/v1/workflows/{workflow_id}/schedules/{schedule_id}/run"), None)

    async def _show_form(self) -> None:
        """A form of the present workflow."""
        self.ids["form_id"] = str(new_id())
        await self.database.pool.execute(
            "INSERT INTO workflow_forms (form_id, workflow_id, node_id, token, definition, thanks_title, thanks_text)"
            " VALUES ($1, $2, 'form', $3, $4, $5, $5)",
            UUID(self.ids["form_id"]),
            UUID(self.ids["workflow_id"]),
            uuid4().hex,
            encode_json({"title": MARKER, "fields": []}),
            MARKER,
        )

    async def _ask_people(self) -> None:
        """A question, a notice, an event and a community of others."""
        execution_id = UUID(await self.new_execution())
        self.ids |= {name: str(new_id()) for name in ("approval_id", "notification_id", "event_id")}
        await self.database.pool.execute(
            "INSERT INTO approvals (approval_id, title, text, data, options, approvers, rule, workflow_id,"
            " execution_id, node_id, scope)"
            " VALUES ($1, $2, $2, $3, $4, '{boss}', 'first', $5, $6, 'step', '')",
            UUID(self.ids["approval_id"]),
            MARKER,
            encode_json(MARKER),
            encode_json([{"name": "yes", "label": MARKER, "rejects": False, "comment": "optional"}]),
            UUID(self.ids["workflow_id"]),
            execution_id,
        )
        await self.database.pool.execute(
            "INSERT INTO notifications (notification_id, recipient, title, text) VALUES ($1, 'boss', $2, $2)",
            UUID(self.ids["notification_id"]),
            MARKER,
        )

    def fill(self, path: str, *, missing: bool = False) -> str:
        """The path with the ids of the present things; or with those of a thing that there is not."""
        whole = {name: MISSING if missing and len(value) == len(MISSING) else value for name, value in self.ids.items()}
        unknown = dict.fromkeys(re.findall(r"{(\w+)}", path), MISSING)
        return path.format(**{**unknown, **whole})

    def shape(self, answer: httpx.Response) -> tuple[object, ...]:
        """All that an answer tells, without the id of the request, and without ids that were sent."""
        text = answer.text
        for value in (*self.ids.values(), MISSING):
            if len(value) == len(MISSING):
                text = text.replace(value, "ID")
        headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
        return answer.status_code, text, sorted(headers.items())

    async def ask(
        self, person: str, method: str, path: str, *, json: object = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Send a request as somebody."""
        # A text that is no ASCII in a header is no header.
        sent = {"X-Person": person, **(headers or {})}
        return await self.client.request(method, path, json=json, headers=sent)

    async def make(self, method: str, path: str, json: object, person: str = FOUNDER) -> JsonObject:
        """Send a request that must succeed; gives its data."""
        answer = await self.ask(person, method, path, json=json)
        assert answer.is_success, (method, path, answer.text)
        made: JsonObject = answer.json()["data"]
        return made

    async def new_workflow(self) -> str:
        """A published workflow of the author's in the community, with all the grants."""
        about = {"community_id": COMMUNITY, "tags": [MARKER], "folder": MARKER}
        made = await self.make("POST", "/api/v1/workflows", {**definition(), **about})
        workflow_id = str(made["workflow_id"])
        await self.make("POST", f"/api/v1/workflows/{workflow_id}/publish", None)
        await self.make("PUT", f"/api/v1/workflows/{workflow_id}/permissions", {"grants": list(GRANTS)})
        return workflow_id

    async def new_execution(self, workflow_id: str | None = None, status: str = "failed") -> str:
        """An execution that the starter has started, with a marked journal, and a wait."""
        workflow_id = workflow_id or self.ids["workflow_id"]
        execution_id = await put_execution(self.database, UUID(workflow_id))
        marked = encode_json(MARKER)
        await self.database.pool.execute(
            "UPDATE workflow_executions SET status = $2, started_by = $3, trigger_data = $4, final_output = $4,"
            " error = $5, error_message = $6, response = $7,"
            " variables = $7, final_variables = $7 WHERE execution_id = $1",
            execution_id,
            status,
            STARTER,
            marked,
            encode_json({"code": "STEP_FAILED", "message": MARKER, "node": "step", "scope": ""}),
            MARKER,
            encode_json({"secret": MARKER}),
        )
        for sequence, (node, done) in enumerate((("start", "completed"), ("step", "failed")), 1):
            await self.database.pool.execute(
                "INSERT INTO workflow_execution_steps (execution_id, sequence, node_id, scope, attempt, status, ports,"
                " inputs, output, error, log, started_at, ended_at, epoch)"
                " VALUES ($1, $2, $3, '', 1, $4, 'out', '{}', $5, $6, $5, now(), now(), 1)",
                execution_id,
                sequence,
                node,
                done,
                marked,
                encode_json({"code": "STEP_FAILED", "message": MARKER}) if done == "failed" else None,
            )
        await self.database.pool.execute(
            "INSERT INTO workflow_waits (wait_id, execution_id, node_id, scope, attempt, kind, key, opening)"
            " VALUES ($1, $2, 'step', '', 1, 'webhook', $3, $4)",
            new_id(),
            execution_id,
            uuid4().hex,
            encode_json({"methods": ["POST"], "secret": MARKER}),
        )
        return str(execution_id)

    async def fingerprint(self) -> str:
        """Changes with every row of what can belong to somebody."""
        tables = await self.database.pool.fetch(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace"
            " AND relname NOT IN ('audit_log', 'workers', 'schema_migrations') AND NOT relispartition"
            " AND relname NOT LIKE 'pgqueuer%' ORDER BY relname"
        )
        parts = [
            f"(SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {row['relname']} t)"  # noqa: S608 - names of tables
            for row in tables
        ]
        found = await self.database.pool.fetchval(f"SELECT concat_ws(' ', {', '.join(parts)})")
        return str(found)
