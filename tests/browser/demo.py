"""A small firm's installation: people, workflows and executions of every kind, for pictures and for looking around."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

EXAMPLES = Path(__file__).parents[2] / "examples"
PASSWORD = "a password for the pictures"  # noqa: S105 - of a database that lives as long as the pictures take
FIRST_NAMES = ("Ada", "Bo", "Chen", "Dara", "Eli", "Fay")


@dataclass
class Demo:
    """What there is, by names that pages are asked for with."""

    client: httpx.AsyncClient
    ids: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, **options: Any) -> Any:  # noqa: ANN401 - JSON
        """The data of a good answer to the person whose installation it is."""
        answer = await self.client.request(method, f"/api/v1{path}", **options)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    async def fill(self) -> None:
        """Everything."""
        for example in ("expense-approval", "time-off", "penguin-census", "onboarding", "flaky-service", "sign-ups"):
            await self._publish(example)
        await self._claim_expenses()
        await self._count_penguins()
        await self._let_something_fail()
        await self._let_things_begin()

    async def _let_things_begin(self) -> None:
        triggers = f"/workflows/{self.ids['time-off']}"
        hook = {"name": "Requests from the calendar", "ip_allowlist": ["203.0.113.0/24"]}
        await self.ask("POST", f"{triggers}/webhooks", json=hook)
        times = {"name": "Every working day", "cron_expression": "0 9 * * mon-fri", "timezone": "Europe/Zurich"}
        await self.ask("POST", f"{triggers}/schedules", json=times)
        often = {"name": "Look for answers", "interval_seconds": 900, "misfire_policy": "once"}
        await self.ask("POST", f"{triggers}/schedules", json=often)

    async def _publish(self, example: str) -> None:
        definition = json.loads((EXAMPLES / f"{example}.json").read_text())
        made = await self.ask("POST", "/workflows", json=definition)
        self.ids[example] = made["workflow_id"]
        await self.ask("POST", f"/workflows/{made['workflow_id']}/publish")

    async def _start(self, example: str, trigger: object, wait: int = 0) -> dict[str, Any]:
        path = f"/workflows/{self.ids[example]}/execute" + (f"?wait={wait}" if wait else "")
        return dict(await self.ask("POST", path, json={"trigger_data": trigger}))

    async def _claim_expenses(self) -> None:
        for number, name in enumerate(FIRST_NAMES):
            claim = {
                "employee": name,
                "manager": "ada",
                "amount": 20 + 45 * number,
                "reason": "A train to the customer",
            }
            started = await self._start("expense-approval", claim, wait=1)
            self.ids["waiting"] = started["execution_id"]

    async def _count_penguins(self) -> None:
        penguins = json.loads((EXAMPLES / "penguins.json").read_text())
        rows = penguins if isinstance(penguins, list) else penguins["trigger_data"]
        for _ in range(6):
            started = await self._start("penguin-census", rows[:60], wait=10)
            self.ids["census"] = started["execution_id"]

    async def _let_something_fail(self) -> None:
        made = await self.ask("POST", "/workflows", json=FRAGILE)
        self.ids["fragile"] = made["workflow_id"]
        await self.ask("POST", f"/workflows/{made['workflow_id']}/publish")
        for price in (12, 0, 30, 0):
            started = await self._start("fragile", {"price": price}, wait=10)
            if price == 0:
                self.ids["failed"] = started["execution_id"]


FRAGILE = {
    "name": "Price per kilo",
    "description": "Divides, and so fails where the weight is missing.",
    "nodes": [
        {"id": "start", "type": "trigger.manual", "name": "A price", "position": {"x": 0, "y": 0}},
        {
            "id": "divide",
            "type": "data.transform",
            "name": "Per kilo",
            "position": {"x": 260, "y": 0},
            "parameters": {"value": {"per_kilo": "{{ 100 / trigger.price }}"}},
        },
        {"id": "end", "type": "flow.end", "position": {"x": 520, "y": 0}, "parameters": {"output": "{{ input }}"}},
    ],
    "connections": [{"from": "start", "to": "divide"}, {"from": "divide", "to": "end"}],
}
