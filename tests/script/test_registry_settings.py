"""pip's configuration, said again for uv."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = runpy.run_path(str(Path(__file__).parents[2] / "script" / "registry_settings.py"))
parse_pip_config: Callable[[str], dict[str, str]] = SCRIPT["parse_pip_config"]
uv_settings: Callable[[dict[str, str], dict[str, str]], dict[str, str]] = SCRIPT["uv_settings"]


def test_environment_wins_over_files() -> None:
    """What pip would use is what counts: its variables, then the section of the command, then the global one."""
    listing = """
:env:.index-url='https://env.example/simple'
global.index-url='https://global.example/simple'
global.cert='/certs/company.pem'
install.index-url='https://install.example/simple'
"""

    assert parse_pip_config(listing) == {"index-url": "https://env.example/simple", "cert": "/certs/company.pem"}


@pytest.mark.parametrize(
    ("pip", "expected"),
    [
        ({}, {}),
        ({"index-url": "https://a.example/simple"}, {"UV_DEFAULT_INDEX": "https://a.example/simple"}),
        ({"cert": "/certs/company.pem"}, {"SSL_CERT_FILE": "/certs/company.pem"}),
        ({"find-links": "/wheels\n/more"}, {"UV_FIND_LINKS": "/wheels,/more"}),
        ({"no-index": "false"}, {}),
        (
            {"extra-index-url": "\nhttps://b.example/simple\nhttps://c.example/simple"},
            {
                "UV_INDEX": "https://b.example/simple https://c.example/simple",
                "UV_INDEX_STRATEGY": "unsafe-best-match",
            },
        ),
    ],
)
def test_each_option_has_its_uv_variable(pip: dict[str, str], expected: dict[str, str]) -> None:
    """Each of pip's options about where packages come from reaches uv, in uv's spelling."""
    assert uv_settings(pip, {}) == expected


def test_what_uv_is_told_already_stays() -> None:
    """Somebody who configured uv itself keeps what they said."""
    said = {"UV_INDEX_URL": "https://mine.example/simple", "SSL_CERT_FILE": "/certs/mine.pem"}

    assert uv_settings({"index-url": "https://pip.example/simple", "cert": "/certs/pip.pem"}, said) == {}
