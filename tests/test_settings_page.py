"""The page about settings: all of them, with what they are for."""

from __future__ import annotations

import re
from pathlib import Path

from wingbeat.settings import CAPS, NAMES, load_settings
from wingbeat.settings_page import MEANINGS, env_example, settings_page


def test_every_setting_is_on_the_page_once_with_its_meaning() -> None:
    """And nothing that is no setting."""
    rows = [line.split(" | ") for line in settings_page().splitlines() if line.startswith("| `")]
    shown = {row[0].strip("|` "): row[2] for row in rows if len(row) == 4}

    assert shown == {variable: MEANINGS[name] for variable, name in NAMES.items()}
    assert sorted(MEANINGS) == sorted(NAMES.values())


def test_every_limit_is_shown_with_its_cap() -> None:
    """With the values that stand where nothing is set."""
    page = settings_page()
    assert [] == [
        limit for limit, cap in CAPS.items() if f"| `{limit.upper()}` = " not in page or cap.upper() not in page
    ]


def test_the_example_of_a_file_has_every_setting_and_sets_none(tmp_path: Path) -> None:
    """Copied as it is, it changes nothing; with every # taken away, it gives the defaults."""
    example = env_example()
    assert [f"#{name}=" for name in NAMES] == re.findall(r"^#[A-Z_]+=", example, re.MULTILINE)
    file = tmp_path / "settings"
    file.write_text(re.sub(r"^#(?=[A-Z_]+=)", "", example, flags=re.MULTILINE))
    data = {"WINGBEAT_DATA_DIR": str(tmp_path)}
    assert load_settings(data) == load_settings({**data, "WINGBEAT_ENV_FILE": str(file)})


def test_defaults_are_written_as_in_the_environment() -> None:
    """Truth values in small letters, and no value where there is none."""
    page = settings_page()
    assert "| `RELEASE_MODE` | `false` |" in page
    assert "| `DATABASE_URI` | unset |" in page
    assert "| `MODULE_PORT` | `8070` |" in page
