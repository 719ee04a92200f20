"""Node types of other packages are found beside the built-in ones, and a broken package harms nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GREETING = '''
"""Greet somebody."""

from __future__ import annotations

from pydantic import Field

from wingbeat.sdk import Context, Example, NodeType, Outcome, Parameters, Template


class Greeting(Parameters):
    """Whom."""

    name: Template[str] = Field(description="Whom to greet.", examples=["Ada"])


def run(parameters: Greeting, context: Context) -> Outcome:
    """Greet."""
    return Outcome.of(f"Hello {parameters.name}")


NODE = NodeType(
    type="acme.greeting", title="Greeting", help="Greets.", parameters=Greeting, run=run,
    examples=(Example("by name", {"name": "{{ input }}"}, input="Ada", expect={"out": "Hello Ada"}),),
)
'''
FAREWELL = GREETING.replace("acme.greeting", "acme.farewell").replace("Hello", "Goodbye")
ASK = """
import json
from wingbeat.bootstrap import discover_node_types
from wingbeat.sdk.testing import check_example
found = discover_node_types()
ours = {name: kind for name, kind in found.types.items() if name.startswith("acme.")}
for kind in ours.values():
    for example in kind.examples:
        check_example(kind, example)
where = {name: kind.run.__module__ for name, kind in ours.items()}
print(json.dumps({"types": sorted(found.types), "ours": where, "problems": found.problems}))
"""


def install(site: Path, name: str, files: dict[str, str], *entries: str) -> None:
    """Put a package there as an installer would: its modules, and metadata with entry points."""
    for path, text in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text)
    metadata = site / f"{name.replace('-', '_')}-1.2.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (metadata / "entry_points.txt").write_text("[wingbeat.nodes]\n" + "\n".join(entries) + "\n")


def discovered(site: Path) -> Any:  # noqa: ANN401 - JSON
    """What a fresh process finds with these packages installed."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def test_without_other_packages_there_are_only_built_in_types(tmp_path: Path) -> None:
    """Nothing is missing, and nothing is wrong."""
    found = discovered(tmp_path)
    assert (found["ours"], found["problems"]) == ({}, [])
    assert "flow.merge" in found["types"]


@pytest.mark.parametrize(
    ("files", "entry", "expected"),
    [
        ({"acme.py": GREETING}, "acme = acme:NODE", {"acme.greeting": "acme"}),
        ({"acme.py": GREETING}, "acme = acme", {"acme.greeting": "acme"}),
        (
            {
                "acme/__init__.py": "",
                "acme/one.py": GREETING,
                "acme/deep/__init__.py": "",
                "acme/deep/two.py": FAREWELL,
            },
            "acme = acme",
            {"acme.farewell": "acme.deep.two", "acme.greeting": "acme.one"},
        ),
    ],
    ids=["node", "module", "package"],
)
def test_an_installed_package_adds_its_types(
    tmp_path: Path, files: dict[str, str], entry: str, expected: dict[str, str]
) -> None:
    """A `NodeType`, a module with a `NODE`, or a package of such modules; its examples run like our own."""
    install(tmp_path, "acme-nodes", files, entry)
    found = discovered(tmp_path)
    assert (expected, []) == (found["ours"], found["problems"])


@pytest.mark.parametrize(
    ("files", "entry", "reason"),
    [
        ({"broken.py": "import not_there_at_all"}, "b = broken:NODE", "ModuleNotFoundError"),
        ({"broken.py": "raise SystemExit(3)"}, "b = broken:NODE", "SystemExit"),
        ({"broken.py": "def ("}, "b = broken", "SyntaxError"),
        ({"broken.py": "NODE = 5"}, "b = broken:NODE", "neither a NodeType"),
        ({"broken.py": "OTHER = 5"}, "b = broken:NODE", "AttributeError"),
        ({"broken.py": ""}, "b = broken", "neither a NodeType"),
        ({}, "b = broken:NODE", "ModuleNotFoundError"),
        (
            {"broken.py": GREETING.replace("Template[str]", "list[Template[str]]")},
            "b = broken:NODE",
            "outermost",
        ),
    ],
    ids=["import", "exit", "syntax", "number", "attribute", "empty", "absent", "declaration"],
)
def test_a_broken_package_is_reported_and_left_out(
    tmp_path: Path, files: dict[str, str], entry: str, reason: str
) -> None:
    """The report names the package and why; the types of every other package are there."""
    install(tmp_path, "broken-nodes", files, entry)
    install(tmp_path, "acme-nodes", {"acme.py": GREETING}, "acme = acme:NODE")
    found = discovered(tmp_path)
    assert (found["ours"], len(found["problems"])) == ({"acme.greeting": "acme"}, 1)
    assert ("broken-nodes 1.2" in found["problems"][0], reason in found["problems"][0]) == (True, True)


def test_a_type_that_is_there_already_is_reported_and_the_first_one_stays(tmp_path: Path) -> None:
    """Neither a built-in type nor another package's can be replaced by installing something."""
    install(tmp_path, "acme-nodes", {"acme.py": GREETING}, "acme = acme:NODE")
    install(tmp_path, "thief-nodes", {"thief.py": GREETING}, "thief = thief:NODE")
    install(
        tmp_path, "usurper", {"usurper.py": GREETING.replace("acme.greeting", "flow.merge")}, "usurper = usurper:NODE"
    )
    found = discovered(tmp_path)
    assert found["ours"] == {"acme.greeting": "acme"}
    named = [(problem.split()[2], problem.split("'")[1]) for problem in found["problems"]]
    assert named == [("thief-nodes", "acme.greeting"), ("usurper", "flow.merge")]
