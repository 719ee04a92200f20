"""`wingbeat run`: results, exit statuses, and what becomes of bad input."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest
from tests.rig.program import delay, one_step, transform, workflow, write

if TYPE_CHECKING:
    from tests.rig.program import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
ENDLESS = workflow(
    {"id": "again", "type": "loop.while", "parameters": {"condition": "true"}},
    transform("{{ index }}"),
    connections=(("start", "again"), ("again.body", "made")),
)


def nested(depth: int) -> dict[str, Any]:
    """Loops in loops."""
    loops = [
        {"id": f"loop{number}", "type": "loop.foreach", "parameters": {"items": "{{ [1] }}"}} for number in range(depth)
    ]
    inner = [(f"loop{number}.body", f"loop{number + 1}") for number in range(depth - 1)]
    connections = (("start", "loop0"), *inner, (f"loop{depth - 1}.body", "made"))
    return workflow(*loops, transform("{{ item }}"), connections=connections)


async def test_a_completed_run_prints_one_json_object_and_exits_with_0(wingbeat: Program, tmp_path: Path) -> None:
    """The object has the output, the id, the number of steps and the seconds, and nothing else."""
    file = write(tmp_path, one_step("{{ trigger.n + 1 }}"))
    given = write(tmp_path, {"n": 41}, "input.json")

    finished = await wingbeat("run", file, "--input", given, "--json")

    shown = finished.json()
    assert (0, ["execution_id", "output", "seconds", "status", "steps"]) == (finished.status, sorted(shown))
    assert ("completed", 42, 3) == (shown["status"], shown["output"], shown["steps"])


async def test_a_failed_run_exits_with_1_and_tells_the_error(wingbeat: Program, tmp_path: Path) -> None:
    """The error has its code and the node where it happened."""
    finished = await wingbeat("run", write(tmp_path, one_step("{{ trigger.missing }}")), "--input", "{}", "--json")

    shown = finished.json()
    assert (1, "failed", "made") == (finished.status, shown["status"], shown["error"]["node"])
    assert shown["error"]["code"].startswith("EXPRESSION_")


async def test_without_json_the_output_alone_is_on_standard_output(wingbeat: Program, tmp_path: Path) -> None:
    """So it can be piped; progress and the end are told beside it."""
    finished = await wingbeat("run", write(tmp_path, one_step("{{ trigger }}")), "--input", '{"a": [1, null]}')

    assert (0, {"a": [1, None]}) == (finished.status, finished.json())
    assert "made: completed\n" in finished.errors
    assert "completed after 3 steps" in finished.errors


async def test_a_definition_may_come_from_standard_input(wingbeat: Program) -> None:
    """`-` reads it there."""
    finished = await wingbeat("run", "-", "--json", given=json.dumps(one_step(7)).encode())

    assert (0, 7) == (finished.status, finished.json()["output"])


async def test_every_problem_of_an_invalid_workflow_is_printed(wingbeat: Program, tmp_path: Path) -> None:
    """Not just the first; the exit status is 2 and nothing is run."""
    bad = workflow(transform("{{ nobody }}"), transform("{{ 1 + }}", "other"), connections=(("start", "made"),))

    finished = await wingbeat("run", write(tmp_path, bad), "--json")

    shown = finished.json()
    assert (2, "invalid") == (finished.status, shown["status"])
    assert {"made", "other"} == {problem["node"] for problem in shown["problems"]}
    assert all(problem["message"] in finished.errors for problem in shown["problems"])


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        (one_step('{{ "a" * 10**9 }}'), "EXPRESSION_BUDGET_SIZE"),
        (one_step("{{ 10**10**8 }}"), "EXPRESSION_BUDGET_INTEGER"),
        (ENDLESS, "LIMIT_LOOP_ITERATIONS"),
        (nested(50), "LIMIT_LOOP_DEPTH"),
    ],
)
async def test_poison_ends_in_an_error_of_its_own(
    wingbeat: Program, tmp_path: Path, definition: dict[str, Any], code: str
) -> None:
    """What would eat the machine fails the execution, with what to do."""
    finished = await wingbeat("run", write(tmp_path, definition), "--json")

    error = finished.json()["error"]
    assert (1, code) == (finished.status, error["code"])
    assert error["remedy"]


async def test_a_file_stays_the_same_workflow_and_a_change_is_its_next_revision(
    wingbeat: Program, tmp_path: Path, database_dsn: str
) -> None:
    """Running it again does not make a second workflow."""
    for value in (1, 1, 2):
        await wingbeat("run", write(tmp_path, one_step(value)), "--json")

    connection = await asyncpg.connect(database_dsn)
    rows = await connection.fetch("SELECT revision, published_revision, status FROM workflows")
    await connection.close()
    assert [(2, 2, "published")] == [tuple(row) for row in rows]


async def test_ctrl_c_cancels_the_execution(wingbeat: Program, tmp_path: Path) -> None:
    """It is cancelled in the database, and the exit status is 130."""
    process = await wingbeat.start("run", write(tmp_path, delay(3600)), "--json")
    assert process.stdout is not None
    assert process.stderr is not None
    while b"wait: waits" not in await process.stderr.readline():
        pass

    process.send_signal(signal.SIGINT)
    output, _ = await process.communicate()

    assert (130, "cancelled") == (process.returncode, json.loads(output)["status"])


async def test_in_a_terminal_the_nodes_are_drawn_as_a_tree(wingbeat: Program, tmp_path: Path) -> None:
    """The body of a loop below the loop, with how often each node ran."""
    loop = {"id": "each", "name": "Each one", "type": "loop.foreach", "parameters": {"items": "{{ [1, 2, 3] }}"}}
    made = {**transform("{{ item }}"), "name": "Made here"}
    definition = workflow(loop, made, connections=(("start", "each"), ("each.body", "made")))
    ours, theirs = pty.openpty()
    program = wingbeat.with_settings(TERM="xterm", COLUMNS="100")
    process = await program.start("run", write(tmp_path, definition), stdout=theirs)
    os.close(theirs)

    shown = await asyncio.to_thread(read_all, ours)
    await process.communicate()

    assert process.returncode == 0
    line = next(line for line in reversed(shown.splitlines()) if "Made here" in line)
    assert line.startswith("    └── ")
    assert "3 times" in line


async def test_it_needs_no_set_up(alone: Program) -> None:
    """On an empty data directory it brings a database of its own, and stops it at the end."""
    files = EXAMPLES / "penguin-census.json", "--input", EXAMPLES / "penguins.json"

    finished = await alone("run", *files, "--json")

    species = finished.json()["output"]["species"]
    means = {name: (found["count"], found["mean_body_mass_g"]) for name, found in species.items()}
    assert {"Adelie": (151, 3700.7), "Chinstrap": (68, 3733.1), "Gentoo": (123, 5076.0)} == means
    assert [] == alone.pid_files()


async def test_a_database_that_is_not_there_is_told(offline: Program, tmp_path: Path) -> None:
    """With the code, what to check, exit status 1, and no traceback."""
    program = offline.with_settings(DATABASE_URI="postgresql://somebody@127.0.0.1:1/nothing")

    finished = await program("run", write(tmp_path, one_step(1)), "--json")

    shown = finished.json()
    assert (1, "error", "DATABASE_UNAVAILABLE") == (finished.status, shown["status"], shown["error"]["code"])
    assert "127.0.0.1:1/nothing" in finished.errors
    assert "DATABASE_URI" in finished.errors
    assert "Traceback" not in finished.errors


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("[1,", "JSON_SYNTAX"),
        ("nowhere.json", "FILE_UNREADABLE"),
        ("[NaN]", "JSON_NOT_A_NUMBER"),
        ("", "INPUT_EMPTY"),
    ],
)
async def test_an_input_that_cannot_be_used_is_refused(offline: Program, tmp_path: Path, given: str, code: str) -> None:
    """Before anything is started, with exit status 2."""
    finished = await offline("run", write(tmp_path, one_step(1)), "--input", given, "--json")

    shown = finished.json()
    assert (2, "invalid", code) == (finished.status, shown["status"], shown["error"]["code"])
    assert shown["error"]["message"] in finished.errors
    assert shown["error"]["remedy"] in finished.errors


def read_all(descriptor: int) -> str:
    """All that is written to a terminal until nobody writes any more."""
    parts: list[bytes] = []
    try:
        while part := os.read(descriptor, 65_536):
            parts.append(part)
    except OSError:  # Linux ends a terminal with an error.
        pass
    os.close(descriptor)
    return b"".join(parts).decode()
