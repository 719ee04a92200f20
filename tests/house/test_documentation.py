"""What the documents show must work."""

from __future__ import annotations

import json
import re
import runpy
import shlex
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.rig.program import make_program

from wingbeat.core.checks import RUN_NAMES, validate_document
from wingbeat.core.graph import OnError, OnUnknown
from wingbeat.core.limits import DEFAULT_CAPS, DEFAULT_LIMITS
from wingbeat.core.retry import RetryPolicy
from wingbeat.discovery import discover_node_types
from wingbeat.sdk.testing import check_example
from wingbeat.worker.rehearsal import EngineRehearser

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json

TOP = Path(__file__).parents[2]
WORKFLOWS_PAGE = (TOP / "docs" / "workflows.md").read_text()
TYPES = discover_node_types().types


def blocks(text: str, language: str) -> list[str]:
    """The blocks of code of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


SHOWN: list[Any] = [json.loads(block) for block in blocks(WORKFLOWS_PAGE, "json")]
SHOWN_WORKFLOWS = {shown["name"]: shown for shown in SHOWN if "nodes" in shown}
SHOWN_NODES = [shown for shown in SHOWN if "type" in shown]


def test_node_type_of_the_contributing_guide_runs(tmp_path: Path) -> None:
    """The node type that CONTRIBUTING.md shows does what its example says, so a newcomer may start from a copy."""
    shown = blocks((TOP / "CONTRIBUTING.md").read_text(), "python")
    file = tmp_path / "first.py"
    file.write_text("\n".join(shown))

    node_type = runpy.run_path(str(file))["NODE"]

    assert [example.title for example in node_type.examples] == ["the first two"]
    for example in node_type.examples:
        check_example(node_type, example)


def test_relative_links_lead_somewhere() -> None:
    """A link from one document to a file of the repository finds that file."""
    documents = [*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md")]
    links = [
        (document, target)
        for document in documents
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
        if "://" not in target and document.name != "template.md"
    ]

    assert [(str(document), target) for document, target in links if not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", SHOWN_WORKFLOWS.values(), ids=SHOWN_WORKFLOWS.keys())
def test_workflows_that_are_shown_are_valid(document: Json) -> None:
    """Without so much as a warning, so that a reader may start from a copy."""
    assert [] == validate_document(document, TYPES)


@pytest.mark.parametrize("node", SHOWN_NODES, ids=lambda node: node["id"])
def test_nodes_that_are_shown_are_valid(node: Json) -> None:
    """Behind a trigger, they make a workflow."""
    document: Json = {
        "name": "shown",
        "nodes": [{"id": "start", "type": "trigger.manual"}, node],
        "connections": [{"from": "start", "to": node["id"]}] if isinstance(node, dict) else [],
    }
    assert [] == validate_document(document, TYPES)


@pytest.mark.parametrize(
    ("name", "trigger", "output"),
    [
        ("Big orders", {"total": 200}, {"pay": 180.0}),
        ("Big orders", {"total": 20}, {"pay": 20}),
        ("Branches meet again", {"member": True}, 10),
        ("Branches meet again", {}, 0),
        ("Lines of orders", {"orders": [{"id": 7, "lines": ["a", "b"]}]}, [["7: a", "7: b"]]),
    ],
)
async def test_workflows_that_are_shown_do_what_the_page_says(name: str, trigger: Json, output: Json) -> None:
    """The engine gives the output that the text tells."""
    report = await EngineRehearser(TYPES, DEFAULT_LIMITS, DEFAULT_CAPS).run(SHOWN_WORKFLOWS[name], trigger, {})

    assert ("completed", output) == (report.status, report.output)


def test_the_page_about_workflows_names_every_field_and_every_choice() -> None:
    """What the reader of definitions takes, and nothing is left out."""
    taken = re.findall(r"Known are: (.*)\.$", "\n".join(known_fields()), re.MULTILINE)
    names = {name for line in taken for name in line.split(", ")}
    names |= {choice.value for choices in (OnError, OnUnknown) for choice in choices} | RUN_NAMES - {"nodes"}

    assert {"on_unknown", "from_port", "max_per_minute", "jitter", "global_variables"} <= names
    assert [] == sorted(name for name in names if f"`{name}`" not in WORKFLOWS_PAGE)


def known_fields() -> list[str]:
    """What the reader says to a field that is unlike all others, at each place where there may be one."""
    strange: Json = {"zzz": 1}
    document: Json = {
        "zzz": 1,
        "name": "strange",
        "nodes": [{"id": "start", "type": "trigger.manual", "zzz": 1, "retry": strange}],
        "connections": [{"from": "start", "to": "start", "zzz": 1}],
        "settings": strange,
    }
    return [problem.fix for problem in validate_document(document, TYPES) if problem.code == "unknown_field"]


def test_the_page_about_workflows_tells_the_limits_as_they_are() -> None:
    """Each with its default and its cap."""
    rows = [
        f"| `{limit.name}` | {getattr(DEFAULT_LIMITS, limit.name):,.0f} | {getattr(DEFAULT_CAPS, limit.name):,.0f} |"
        for limit in fields(DEFAULT_LIMITS)
    ]
    assert [] == [row for row in rows if row not in WORKFLOWS_PAGE]


def test_the_page_about_workflows_tells_the_retries_as_they_are() -> None:
    """Each field of a policy with what stands where it is left out."""
    policy = RetryPolicy(max_attempts=3)
    rows = [f"| `{found.name}` | `{getattr(policy, found.name):g}` |" for found in fields(policy)]
    assert [] == [row for row in rows if row not in WORKFLOWS_PAGE]


def test_every_page_can_be_found() -> None:
    """From the README to the index of the documents, and from there to every page."""
    index = (TOP / "docs" / "README.md").read_text()
    pages = [page.name for page in (TOP / "docs").glob("*.md") if page.name != "README.md"]

    assert "(docs/README.md)" in (TOP / "README.md").read_text()
    assert [] == [page for page in [*pages, "nodes/README.md", "adr/README.md"] if f"({page})" not in index]


def readme_commands(beginning: str) -> list[list[str]]:
    """The commands of the README that begin so, as words."""
    lines = "\n".join(blocks((TOP / "README.md").read_text(), "sh")).splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.startswith(beginning)]


async def test_the_validate_command_of_the_readme_works(tmp_path: Path) -> None:
    """As it stands there, from the top of the repository."""
    program = make_program(WINGBEAT_DATA_DIR=str(tmp_path / "data"))
    commands = readme_commands("wingbeat validate")
    assert commands
    for _, *arguments in commands:
        finished = await program(*in_repository(arguments))
        assert (0, "") == (finished.status, finished.errors)


async def test_the_run_commands_of_the_readme_work(database_dsn: str, tmp_path: Path) -> None:
    """They complete, and with `--json` print what the README says that they print."""
    program = make_program(DATABASE_URI=database_dsn, WINGBEAT_DATA_DIR=str(tmp_path / "data"))
    commands = readme_commands("wingbeat run")
    assert [False, True] == sorted("--json" in command for command in commands)
    for _, *arguments in commands:
        finished = await program(*in_repository(arguments))
        assert finished.status == 0
        if "--json" in arguments:
            assert ["status", "execution_id", "output", "steps", "seconds"] == list(finished.json())


async def test_the_nodes_commands_of_the_readme_work(tmp_path: Path) -> None:
    """The types that they name exist."""
    program = make_program(WINGBEAT_DATA_DIR=str(tmp_path / "data"))
    commands = readme_commands("wingbeat nodes")
    assert commands
    for _, *arguments in commands:
        assert (await program(*arguments)).status == 0


def in_repository(arguments: list[str]) -> list[str]:
    """Arguments with the files of the repository by their whole path."""
    return [str(TOP / argument) if (TOP / argument).is_file() else argument for argument in arguments]
