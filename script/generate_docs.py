"""Writes the pages of docs/ that are generated from code; with --check, says which are stale and changes nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from wingbeat.core.expression.reference import expressions_page
from wingbeat.core.status_page import states_page

ROOT = Path(__file__).parent.parent
PAGES = {"docs/expressions.md": expressions_page, "docs/states.md": states_page}


def main() -> int:
    """0 when every page is (now) right, 1 when one is stale."""
    check = "--check" in sys.argv[1:]
    stale = [name for name, page in PAGES.items() if not _is_current(ROOT / name, page())]
    for name in stale:
        if check:
            print(f"{name} is stale: run `python script/generate_docs.py`.", file=sys.stderr)
        else:
            (ROOT / name).parent.mkdir(exist_ok=True)
            (ROOT / name).write_text(PAGES[name](), encoding="utf-8")
            print(f"{name} written.")
    return 1 if check and stale else 0


def _is_current(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
