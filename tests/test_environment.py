"""Where settings come from: the environment before the `.env` file, and secrets from files of their own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from wingbeat.core.errors import BadSettings
from wingbeat.environment import read_environment
from wingbeat.settings import SECRETS, find_values, load_settings, settings_from

KEY = "k" * 40


def problems(**environ: str) -> dict[str, str]:
    """What is wrong: each name with the reason."""
    with pytest.raises(BadSettings) as caught:
        load_settings(environ)
    assert KEY not in str(caught.value) + repr(caught.value.details)
    found = caught.value.details["problems"]
    assert isinstance(found, list)
    return {str(problem["name"]): str(problem["why"]) for problem in found if isinstance(problem, dict)}


def write(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A file."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_the_environment_wins_over_the_file_where_it_has_a_value(tmp_path: Path) -> None:
    """An empty variable counts as unset, and each value knows where it is from."""
    file = write(tmp_path / ".env", "MODULE_PORT=9001\nLOG_LEVEL='debug'\nRETENTION_DAYS=5 # a week or so\n")
    found = read_environment({"MODULE_PORT": "9002", "LOG_LEVEL": " "}, directory=tmp_path)
    settings = settings_from(found)
    assert (9002, "DEBUG", 5) == (settings.module_port, settings.log_level, settings.retention_days)
    assert {"MODULE_PORT": "environment", "LOG_LEVEL": str(file), "RETENTION_DAYS": str(file)} == found.sources


def test_the_file_of_the_working_directory_is_found_by_a_process_that_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without being named; what libraries read by themselves is handed on to them."""
    write(tmp_path / ".env", "RETENTION_DAYS=77\nAWS_REGION=eu-north-1\nBASE=/srv\nLOG_DIR=${BASE}/log\nOTHER=1\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AWS_REGION", raising=False)
    settings = load_settings()
    assert (77, Path("/srv/log")) == (settings.retention_days, settings.log_dir)
    assert ("eu-north-1", None) == (os.environ.pop("AWS_REGION"), os.environ.get("OTHER"))


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    """Unlike the usual one, which most installations do not have."""
    missing = tmp_path / "nothing"
    assert {f"the file {missing}": "it cannot be read: No such file or directory"} == problems(
        WINGBEAT_ENV_FILE=str(missing)
    )
    assert {} == read_environment({}, directory=tmp_path).values


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (b"API_KEY='\xff'", 0o600, "it is not UTF-8"),
        (f"API_KEY={KEY}\nwhat is this\n'", 0o600, "it cannot be understood in line 2, 3"),
        (f"API_KEY={KEY}", 0o602, "every user of this machine may write to it"),
    ],
)
def test_a_file_that_nobody_should_believe_stops_the_start(
    tmp_path: Path, text: str | bytes, mode: int, why: str
) -> None:
    """With its name and the reason."""
    file = write(tmp_path / "settings", text, mode)
    assert {f"the file {file}": why} == problems(WINGBEAT_ENV_FILE=str(file))


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_be_in_a_file(tmp_path: Path, name: str) -> None:
    """Its line end does not count."""
    value = "postgresql://u:p@h/n" if name == "DATABASE_URI" else KEY
    file = write(tmp_path / "secret", f"{value}\n")
    found = read_environment({f"{name}_FILE": str(file)}, secrets=SECRETS)
    assert (value, f"{name}_FILE={file}") == (found.values[name], found.sources[name])
    assert [] == found.doubts


def test_a_secret_in_a_file_counts_in_release_mode(tmp_path: Path) -> None:
    """It is as good as in a variable, and as weak if it is weak."""
    good, other = write(tmp_path / "good", KEY), write(tmp_path / "other", "o" * 40)
    weak = write(tmp_path / "weak", "short")
    files = {"SECRET_KEY_FILE": str(good), "API_KEY_FILE": str(other), "RELEASE_MODE": "true"}
    assert load_settings(files).release_mode
    assert {"API_KEY": "RELEASE_MODE needs 32 bytes or more, and this has 5"} == problems(
        **{**files, "API_KEY_FILE": str(weak)}
    )


@pytest.mark.parametrize(
    ("text", "mode", "why"),
    [
        (b"", 0o600, "it is empty"),
        (b"\n \n", 0o600, "it is empty"),
        (b"\xff", 0o600, "it is not UTF-8"),
        (b"a\0b", 0o600, "it holds U+0000"),
        (b"x" * 65_537, 0o600, "it has more than 65536 bytes"),
        (KEY.encode(), 0o606, "every user of this machine may write to it"),
    ],
)
def test_a_file_without_a_usable_secret_stops_the_start(tmp_path: Path, text: bytes, mode: int, why: str) -> None:
    """The missing key itself is not told besides."""
    file = write(tmp_path / "secret", text, mode)
    environ = {"API_KEY_FILE": str(file), "SECRET_KEY": KEY, "RELEASE_MODE": "true"}
    assert {"API_KEY_FILE": f"{file}: {why}"} == problems(**environ)


def test_a_missing_file_and_a_directory_are_no_secrets(tmp_path: Path) -> None:
    """Each says what it is."""
    found = problems(API_KEY_FILE=str(tmp_path / "none"), SECRET_KEY_FILE=str(tmp_path))
    assert {
        "API_KEY_FILE": f"{tmp_path}/none: it cannot be read: No such file or directory",
        "SECRET_KEY_FILE": f"{tmp_path}: it is no file",
    } == found


def test_a_secret_and_its_file_together_are_refused(tmp_path: Path) -> None:
    """Nobody could tell which is meant; the other settings are checked all the same."""
    file = write(tmp_path / "secret", KEY)
    found = problems(API_KEY=KEY, API_KEY_FILE=str(file), MODULE_PORT="x")
    assert {"API_KEY_FILE", "MODULE_PORT"} == set(found)
    assert "API_KEY is given as well" in found["API_KEY_FILE"]


def test_files_that_others_may_read_are_worth_a_thought(tmp_path: Path) -> None:
    """They are used, since many systems mount secrets like that, and named."""
    secret, file = write(tmp_path / "secret", KEY, 0o644), write(tmp_path / "settings", "LOG_LEVEL=debug", 0o644)
    environ = {"API_KEY_FILE": str(secret), "WINGBEAT_ENV_FILE": str(file)}
    found = read_environment(environ, secrets=SECRETS)
    assert [f"the file {file}", "API_KEY_FILE"] == [doubt.name for doubt in found.doubts]


def test_an_option_stands_for_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """It wins over the environment, and a problem names it and not the variable."""
    monkeypatch.setenv("MODULE_PORT", "1")
    assert 2 == load_settings(options={"--port": "2"}).module_port
    with pytest.raises(BadSettings, match="--host=nowhere: "):
        load_settings(options={"--host": "nowhere"})
    assert "environment" == find_values().sources["MODULE_PORT"]
