"""The settings as they are in effect: where each is from, and nothing of a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.environment import read_environment
from wingbeat.services.effective_settings import EffectiveSettings
from wingbeat.settings import NAMES, SECRETS, settings_from
from wingbeat.storage.encoding import encode_json

if TYPE_CHECKING:
    from pathlib import Path

SHOWN_TO_NOBODY = "a secret that nobody may see, of 32 bytes and more"


def test_every_setting_says_where_it_is_from(tmp_path: Path) -> None:
    """The environment, a file, an option of the command, or its default; of a secret only whether it is set."""
    file, key = tmp_path / "settings", tmp_path / "key"
    file.write_text("LOG_LEVEL=debug\nMAX_LOOP_DEPTH=7\n")
    key.write_text(SHOWN_TO_NOBODY)
    environ = {
        "WINGBEAT_ENV_FILE": str(file),
        "MAX_LOOP_DEPTH": "8",
        "API_KEY_FILE": str(key),
        "SECRET_KEY": SHOWN_TO_NOBODY,
    }
    found = read_environment(environ, secrets=SECRETS)
    sources = dict(found.sources)
    found.put("MODULE_PORT", "8123", "--port")

    listed = {one.name: one for one in EffectiveSettings(settings_from(found), sources).list()}

    assert [*NAMES] == [*listed]
    assert {
        "LOG_LEVEL": ("DEBUG", "file", str(file)),
        "MAX_LOOP_DEPTH": ("8", "environment", "environment"),
        "MODULE_PORT": ("8123", "option", ""),
        "API_KEY": (None, "file", f"API_KEY_FILE={key}"),
        "LEASE_SECONDS": ("10", "default", ""),
        "RELEASE_MODE": ("false", "default", ""),
        "REDIS_URL": (None, "default", ""),
    } == {
        name: (listed[name].value, listed[name].source, listed[name].origin)
        for name in (
            "LOG_LEVEL",
            "MAX_LOOP_DEPTH",
            "MODULE_PORT",
            "API_KEY",
            "LEASE_SECONDS",
            "RELEASE_MODE",
            "REDIS_URL",
        )
    }
    assert (True, True, False) == (listed["API_KEY"].secret, listed["API_KEY"].is_set, listed["REDIS_URL"].is_set)
    assert "default" == listed["WINGBEAT_DATA_DIR"].source
    assert all(one.description and one.allowed for one in listed.values())
    shown = [(one.value or "") + one.origin + (one.default or "") for one in listed.values()]
    assert SHOWN_TO_NOBODY.encode() not in encode_json([*shown])
