"""Keys: one master for all processes, one key for each purpose, and nothing of them to be seen."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import sys
from pathlib import Path

import orjson
import pytest
from pydantic import BaseModel

from wingbeat.core.errors import BadSettings
from wingbeat.settings import Settings, load_settings
from wingbeat.storage.keys import KEY_FILE, Keys
from wingbeat.storage.secret import Secret

LONG = "0123456789abcdef0123456789abcdef-key"
OLDER = "an-older-key-of-the-installation-0123456789"


def settings(folder: Path, **given: str) -> Settings:
    """Settings with a data directory of the test's own."""
    return load_settings({"WINGBEAT_DATA_DIR": str(folder), **given})


def test_a_purpose_always_gives_the_same_key_and_no_two_give_one(tmp_path: Path) -> None:
    """What one part signs means nothing to another."""
    first, second = (Keys.open(settings(tmp_path, SECRET_KEY=LONG)) for _ in range(2))
    assert first.derive("files") == second.derive("files")
    assert len(first.derive("files")) == 32
    assert first.derive("files") != first.derive("links")
    assert first.derive("files") != Keys.open(settings(tmp_path, SECRET_KEY=OLDER)).derive("files")


def test_without_a_setting_a_key_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """It is kept, and the next process has the same."""
    made = Keys.open(settings(tmp_path / "data"))
    path = tmp_path / "data" / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    assert Keys.open(settings(tmp_path / "data")).derive("files") == made.derive("files")
    given = Keys.open(settings(tmp_path, SECRET_KEY=path.read_text().strip()))
    assert given.derive("files") == made.derive("files")
    assert [path.name for path in (tmp_path / "data").iterdir()] == [KEY_FILE]


async def test_processes_that_start_together_get_one_key(tmp_path: Path) -> None:
    """Of several that make one, one wins for all."""
    program = (
        "import sys; from wingbeat.storage.keys import Keys; from wingbeat.settings import load_settings;"
        "sys.stdout.write(Keys.open(load_settings({'WINGBEAT_DATA_DIR': sys.argv[1]})).derive('x').hex())"
    )
    started = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        for _ in range(4)
    ]
    said = [(await process.communicate())[0] for process in started]
    assert len(said[0]) == 64
    assert len(set(said)) == 1


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """The refusal says what to do."""
    Keys.open(settings(tmp_path))
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(BadSettings, match="chmod 600"):
        Keys.open(settings(tmp_path))


def test_a_file_that_holds_no_key_is_refused_and_not_replaced(tmp_path: Path) -> None:
    """A new key in its place would make every stored secret unreadable for good."""
    path = tmp_path / KEY_FILE
    path.touch(0o600)
    with pytest.raises(BadSettings, match="it holds no key"):
        Keys.open(settings(tmp_path))
    assert path.read_bytes() == b""


def test_earlier_keys_are_known_by_their_names(tmp_path: Path) -> None:
    """The one that SECRET_KEY took the place of, in the environment or in the data directory."""
    filed = Keys.open(settings(tmp_path)).current
    older = Keys.open(settings(tmp_path, SECRET_KEY=OLDER)).current
    now = Keys.open(settings(tmp_path, SECRET_KEY=LONG, SECRET_KEY_PREVIOUS=OLDER))
    for key in (filed, older):
        found = now.named(key.name)
        assert found is not None
        assert found.derive("x") == key.derive("x")
    assert now.named("0" * 12) is None
    assert now.current.name not in {filed.name, older.name}


class Holder(BaseModel):
    """A model that holds one."""

    secret: Secret


def test_a_secret_shows_as_stars_everywhere(caplog: pytest.LogCaptureFixture) -> None:
    """Printed, formatted, logged, written as JSON, described in an error: never what it is."""
    secret = Secret("pass-word-1")
    holder = Holder(secret=secret)
    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("%s %r %s", secret, secret, holder)
    shown = [
        str(secret), repr(secret), f"{secret} {secret!r:>20} {secret:>20}", str([secret]), repr(holder),
        holder.model_dump_json(), json.dumps(holder.model_dump(mode="json")), str(holder.model_dump()),
        json.dumps(secret, default=str), orjson.dumps([secret], default=str).decode(), caplog.text,
    ]  # fmt: skip
    assert all("***" in text for text in shown)
    assert not any("pass-word-1" in text for text in shown)
    assert secret.reveal() == "pass-word-1"
    assert secret == Secret("pass-word-1")
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(secret)
