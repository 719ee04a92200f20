"""The examples of the repository, run for real: the engine, the database, and a server that is not always there."""

from __future__ import annotations

import csv
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from wingbeat.bootstrap import discover_node_types, open_platform
from wingbeat.core.access import SYSTEM
from wingbeat.core.checks import validate
from wingbeat.core.document import parse_workflow
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.settings import load_settings
from wingbeat.storage.workflows import WorkflowFields

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wingbeat.services.executions.start_requests import Summary

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKFLOWS = sorted(path.name for path in EXAMPLES.glob("*.json") if path.name != "penguins.json")


def read(name: str) -> Any:  # noqa: ANN401 -- whatever the file holds
    """An example's file."""
    return json.loads((EXAMPLES / name).read_text())


async def run(dsn: str, data_dir: Path, name: str, data: Any) -> tuple[Summary, list[Any]]:  # noqa: ANN401
    """Run an example to its end; its summary, and the attempts of each step in the order of the journal."""
    settings = load_settings(
        {"DATABASE_URI": dsn, "WINGBEAT_DATA_DIR": str(data_dir), "HTTP_ALLOW_PRIVATE_ADDRESSES": "true"}
    )
    async with open_platform(settings, run_worker=True) as platform:
        created = await platform.workflows.create(SYSTEM, WorkflowFields(read(name)))
        workflow_id = created.workflow.header.workflow_id
        await platform.workflows.publish(SYSTEM, workflow_id)
        summary = await platform.starter.start_and_wait(SYSTEM, StartRequest(workflow_id, data), 60)
        rows = await platform.database.pool.fetch(
            "SELECT node_id, attempt, status FROM workflow_execution_steps WHERE execution_id = $1 ORDER BY sequence",
            summary.execution_id,
        )
    return summary, [tuple(row) for row in rows]


@pytest.mark.parametrize("name", WORKFLOWS)
def test_an_example_has_no_problems(name: str) -> None:
    """An example is a model: it has neither errors nor warnings."""
    assert validate(parse_workflow(read(name)), discover_node_types().types) == []


def test_the_penguins_are_those_of_the_package() -> None:
    """Every row and every value is the published one; what is missing there is null here."""
    path = Path(str(distribution("palmerpenguins").locate_file("palmerpenguins/data/penguins.csv")))
    with path.open() as file:
        published = list(csv.DictReader(file))
    texts = [{key: "NA" if value is None else value for key, value in row.items()} for row in read("penguins.json")]

    def same(ours: object, theirs: str) -> bool:
        return (
            float(theirs) == ours if isinstance(ours, int | float) else theirs in (ours, "" if ours == "NA" else ours)
        )

    assert len(texts) == 344
    assert all(same(ours[key], theirs[key]) for ours, theirs in zip(texts, published, strict=True) for key in theirs)


async def test_the_penguins_are_counted_and_weighed(database_dsn: str, tmp_path: Path) -> None:
    """The census finds the published counts and means, and sets aside the two rows without a body mass."""
    summary, _ = await run(database_dsn, tmp_path, "penguin-census.json", read("penguins.json"))
    output: Any = summary.output
    means = {name: (one["count"], one["mean_body_mass_g"]) for name, one in output["species"].items()}
    islands = {
        (name, island): found["count"]
        for name, one in output["species"].items()
        for island, found in one["islands"].items()
    }
    assert means == {"Adelie": (151, 3700.7), "Chinstrap": (68, 3733.1), "Gentoo": (123, 5076.0)}
    assert islands == {
        ("Adelie", "Biscoe"): 44,
        ("Adelie", "Dream"): 56,
        ("Adelie", "Torgersen"): 51,
        ("Chinstrap", "Dream"): 68,
        ("Gentoo", "Biscoe"): 123,
    }
    assert [(row["species"], row["island"]) for row in output["rejected"]] == [
        ("Adelie", "Torgersen"),
        ("Gentoo", "Biscoe"),
    ]


async def test_a_service_that_fails_twice_is_asked_three_times(database_dsn: str, tmp_path: Path) -> None:
    """Two refusals are recorded as failed attempts, and the third try succeeds."""
    with flaky_service(failures=2) as url:
        summary, rows = await run(database_dsn, tmp_path, "flaky-service.json", {"url": url})
    assert summary.output == {"status": 200, "answer": {"asked": 3}}
    assert [row for row in rows if row[0] == "ask"] == [
        ("ask", 1, "failed"),
        ("ask", 2, "failed"),
        ("ask", 3, "completed"),
    ]


async def test_the_figures_of_the_penguins_are_those_of_the_census(database_dsn: str, tmp_path: Path) -> None:
    """Grouped in one step instead of in loops, they come to the same."""
    summary, _ = await run(database_dsn, tmp_path, "penguin-figures.json", read("penguins.json"))
    output: Any = summary.output
    assert [
        {"species": "Gentoo", "weighed": 123, "islands": 1, "mean_g": 5076.0, "heaviest_g": 6300},
        {"species": "Chinstrap", "weighed": 68, "islands": 1, "mean_g": 3733.1, "heaviest_g": 4800},
        {"species": "Adelie", "weighed": 151, "islands": 3, "mean_g": 3700.7, "heaviest_g": 4775},
    ] == [{**group, "mean_g": round(group["mean_g"], 1)} for group in output]


async def test_prices_of_two_pages_are_compared(database_dsn: str, tmp_path: Path) -> None:
    """What is new, what is gone, what became dearer; what the pages say stays text in the report."""
    rows = "<tr><td>Tea<td>3.50<tr><td>Milk<td>1.20"
    old = f"<table class='prices'><tr><th>article<th>price{rows}<tr><td>Salt<td>1</table>"
    new = f"<table class='prices'><tr><th>article<th>price{rows.replace('3.50', '4')}<tr><td>&lt;b&gt;<td>9</table>"

    summary, _ = await run(database_dsn, tmp_path, "price-watch.json", {"yesterday": old, "today": new})

    output: Any = summary.output
    assert (["<b>"], ["Salt"]) == (output["new"], output["gone"])
    assert [{"article": "Tea", "from": 3.5, "to": 4.0, "by": 0.5}] == output["changed"]
    assert "<tr><td>Tea</td><td>3.5</td><td>4.0</td><td>0.5</td></tr>" in output["html"]


async def test_an_address_signs_up_once(database_dsn: str, tmp_path: Path) -> None:
    """The second time it is known, however it is written."""
    sent = {"email": "ann@example.com", "name": "<i>Ann</i>", "topics": "bees"}
    first, _ = await run(database_dsn, tmp_path, "sign-ups.json", sent)
    second, _ = await run(database_dsn, tmp_path, "sign-ups.json", {"email": "ANN@example.com"})

    output: Any = first.output
    assert f"<p>Your code is <strong>{output['code']}</strong>.</p>" in output["html"]
    assert "<i>" not in output["html"]
    assert {"to": "ANN@example.com", "known": True} == second.output


@contextmanager
def flaky_service(failures: int) -> Iterator[str]:
    """A server that answers 503 so many times, and then how often it was asked."""
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal asked
            asked += 1
            body = json.dumps({"asked": asked}).encode()
            self.send_response(503 if asked <= failures else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name is the base class's
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
