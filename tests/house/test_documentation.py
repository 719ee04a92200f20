"""What the documents show must work."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from wingbeat.sdk.testing import check_example

TOP = Path(__file__).parents[2]


def test_node_type_of_the_contributing_guide_runs(tmp_path: Path) -> None:
    """The node type that CONTRIBUTING.md shows does what its example says, so a newcomer may start from a copy."""
    shown = re.findall(r"^```python\n(.*?)^```", (TOP / "CONTRIBUTING.md").read_text(), re.DOTALL | re.MULTILINE)
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
