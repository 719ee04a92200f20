"""`wingbeat validate`: what is said about files of every kind."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from tests.rig.program import transform, workflow, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.rig.program import Program

CYCLE = workflow(transform(1, "a"), transform(2, "b"), connections=(("start", "a"), ("a", "b"), ("b", "a")))


def chain(length: int) -> dict[str, Any]:
    """Nodes in a row, the trigger among them."""
    names = ["start", *(f"n{number}" for number in range(1, length))]
    connections = tuple(pairwise(names))
    return workflow(*(transform("{{ input }}", name) for name in names[1:]), connections=connections)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hello", "JSON_SYNTAX"),
        (" \n", "JSON_EMPTY"),
        ('["' + "a" * 50_000_000 + '"]', "JSON_TOO_LARGE"),
        ("[" * 10_000 + "]" * 10_000, "JSON_TOO_DEEP"),
        ('{"name": NaN}', "JSON_NOT_A_NUMBER"),
        ('{"name": "a", "name": "b"}', "JSON_DUPLICATE_KEY"),
        ('{"name": "a", "nodes": [], "colour": 1}', "unknown_field"),
        ("null", "malformed"),
    ],
    ids=["no JSON", "empty", "50 MB", "too deep", "NaN", "duplicate key", "unknown field", "null"],
)
async def test_a_file_that_is_no_definition_is_refused(offline: Program, tmp_path: Path, text: str, code: str) -> None:
    """With its place and the fix, and exit status 2."""
    file = tmp_path / "bad.json"
    file.write_text(text)

    finished = await offline("validate", file)

    assert finished.status == 2
    assert code in finished.errors
    assert "Traceback" not in finished.errors


async def test_a_file_that_cannot_be_read_is_told(offline: Program, tmp_path: Path) -> None:
    """A directory, for one."""
    finished = await offline("validate", tmp_path)

    assert finished.status == 2
    assert "it is a directory" in finished.errors


async def test_the_file_is_the_subject_of_what_is_told_about_it(offline: Program, tmp_path: Path) -> None:
    """One sentence, with the place in the file, and sizes as people say them."""
    file = tmp_path / "bad.json"
    file.write_text("[1,")
    broken = await offline("validate", file)
    file.write_text(f'["{"a" * 3000}"]')
    large = await offline.with_settings(MAX_BODY_BYTES="2000")("validate", file)

    assert f"The file {file} cannot be used at line 1, column 4" in broken.errors
    assert f"The file {file} has more than the 2 kB that are allowed here." in large.errors


async def test_with_json_a_file_that_cannot_be_used_is_told_to_programs_too(offline: Program, tmp_path: Path) -> None:
    """Whatever is wrong with it, there is one object with a status on standard output."""
    file = tmp_path / "bad.json"
    file.write_text('{"name": 1,}')

    absent = await offline("validate", tmp_path / "absent.json", "--json")
    broken = await offline("validate", file, "--json")

    shown = [(each.status, each.json()["status"], each.json()["error"]["code"]) for each in (absent, broken)]
    assert [(2, "invalid", "FILE_UNREADABLE"), (2, "invalid", "JSON_SYNTAX")] == shown


async def test_a_circle_is_named(offline: Program, tmp_path: Path) -> None:
    """With the nodes on it; `--json` gives the problems to programs."""
    finished = await offline("validate", write(tmp_path, CYCLE), "--json")

    shown = finished.json()
    assert (2, "invalid") == (finished.status, shown["status"])
    assert ["cycle"] == [problem["code"] for problem in shown["problems"] if problem["severity"] == "error"]
    assert "a -> b -> a" in shown["problems"][0]["message"]


async def test_ten_thousand_nodes_are_fine_and_one_more_is_too_many(offline: Program, tmp_path: Path) -> None:
    """The limit is told with the problem."""
    fine = await offline("validate", write(tmp_path, chain(10_000)))
    too_many = await offline("validate", write(tmp_path, chain(10_001)))

    assert (0, 2) == (fine.status, too_many.status)
    assert "10000" in too_many.errors


async def test_warnings_leave_a_workflow_valid(offline: Program, tmp_path: Path) -> None:
    """They are printed all the same."""
    finished = await offline("validate", write(tmp_path, workflow(transform(1))))

    assert finished.status == 0
    assert "warning" in finished.errors


async def test_bad_settings_are_listed_all_at_once(offline: Program, tmp_path: Path) -> None:
    """Each with what is wrong and the fix, and exit status 2."""
    program = offline.with_settings(MODULE_PORT="no", LOG_LEVEL="loud")

    finished = await program("validate", tmp_path / "any.json")

    assert finished.status == 2
    assert "MODULE_PORT=no" in finished.errors
    assert "LOG_LEVEL=loud" in finished.errors


async def test_bad_settings_are_an_error_for_programs(offline: Program, tmp_path: Path) -> None:
    """The workflow has nothing to do with it."""
    finished = await offline.with_settings(MODULE_PORT="no")("validate", tmp_path / "any.json", "--json")

    shown = finished.json()
    assert (2, "error", "BAD_SETTINGS") == (finished.status, shown["status"], shown["error"]["code"])
