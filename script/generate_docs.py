"""Writes what is generated from code: pages of docs/ and `.env.example`.

With --check, it says which are stale and changes nothing.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wingbeat.core.expression.reference import expressions_page
from wingbeat.core.status_page import states_page
from wingbeat.discovery import discover_node_types
from wingbeat.sdk.node_page import index_page, node_page
from wingbeat.settings_page import env_example, settings_page

ROOT = Path(__file__).parent.parent
NODES = "docs/nodes"


def make_pages() -> dict[str, str]:
    """Every generated page by its path."""
    found = discover_node_types().types
    # Packages of this environment may bring more.
    types = [kind for _, kind in sorted(found.items()) if kind.run.__module__.startswith("wingbeat.nodes.")]
    return {
        ".env.example": env_example(),
        "docs/expressions.md": expressions_page(),
        "docs/settings.md": settings_page(),
        "docs/states.md": states_page(),
        f"{NODES}/README.md": index_page(types),
        **{f"{NODES}/{node_type.type}.md": node_page(node_type) for node_type in types},
    }


def main() -> int:
    """0 when every page is (now) right, 1 when one is stale."""
    check = "--check" in sys.argv[1:]
    pages = make_pages()
    stale = [name for name, text in pages.items() if not _is_current(ROOT / name, text)]
    # Pages of node types that are no more.
    left = [file for file in (ROOT / NODES).glob("*.md") if f"{NODES}/{file.name}" not in pages]
    if check:
        for name in [*stale, *(f"{NODES}/{file.name}" for file in left)]:
            print(f"{name} is stale: run `python script/generate_docs.py`.", file=sys.stderr)
        return 1 if stale or left else 0
    for file in left:
        file.unlink()
        print(f"{NODES}/{file.name} removed.")
    for name in stale:
        (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / name).write_text(pages[name], encoding="utf-8")
        print(f"{name} written.")
    return 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
