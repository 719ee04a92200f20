"""What is said about settings that can be used: what they are, where from, which look misspelt or worth a thought."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, NamedTuple

from wingbeat.cli.finding import Finding, ok, warning
from wingbeat.environment import ENV_FILE, FILE_SUFFIX, Environment, Trouble
from wingbeat.services.effective_settings import write_value
from wingbeat.settings import NAMES, NEVER_SHOWN, SECRETS, Settings, default_data_dir
from wingbeat.settings_warnings import doubts_about

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from wingbeat.core.json_value import JsonObject

ABOUT = "settings"
PREFIX = "WINGBEAT_"
DEFAULT = "default"
HIDDEN = "(not shown)"
# Names as close as two swapped letters or one missing; MY_API_KEY and the like belong to other programs.
CLOSE = 0.88
READ_BESIDES = frozenset({ENV_FILE, *(name + FILE_SUFFIX for name in SECRETS)})


class Effective(NamedTuple):
    """A setting as it is in effect; `source` is where its value is from."""

    name: str
    value: str
    source: str

    def to_json(self) -> JsonObject:
        """As in `--json`."""
        return {"name": self.name, "value": self.value, "source": self.source}


def list_effective(settings: Settings, found: Environment) -> list[Effective]:
    """All of them, in the order of the documentation."""
    return [
        Effective(variable, show(name, getattr(settings, name)), found.sources.get(variable, DEFAULT))
        for variable, name in NAMES.items()
    ]


def check_differences(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """Name the settings that differ from their defaults, with their values unless these may be secret."""
    usual = Settings.model_validate({"WINGBEAT_DATA_DIR": str(settings.data_dir)})
    differing = [
        variable if name in NEVER_SHOWN else f"{variable}={show(name, getattr(settings, name))}"
        for variable, name in NAMES.items()
        # A default may follow from another setting, as the public address does from the port.
        if name in settings.model_fields_set
        and getattr(settings, name) != (default_data_dir(environ) if name == "data_dir" else getattr(usual, name))
    ]
    return ok(ABOUT, f"differ from the defaults: {', '.join(differing)}" if differing else "all are the defaults")


def check_names(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Warn of variables that nobody reads and that look like settings."""
    for variable in sorted(environ):
        meant = _meant(variable)
        if meant is not None:
            yield warning(
                ABOUT,
                f"{variable} is set, and there is no such setting.",
                f"Did you mean {meant}? All settings are in docs/settings.md.",
            )


def list_doubts(settings: Settings, found: Environment) -> list[Trouble]:
    """What is worth a thought: about the values, and about the files that they are from."""
    return [*found.doubts, *(Trouble(*doubt) for doubt in doubts_about(settings, found.values))]


def check_doubts(settings: Settings, found: Environment) -> Iterator[Finding]:
    """A warning for each of them."""
    for doubt in list_doubts(settings, found):
        yield warning(ABOUT, f"{doubt.name}: {doubt.why}.", doubt.fix)


def say_doubts(settings: Settings, found: Environment) -> None:
    """Put them into the log of a process that starts."""
    import structlog

    log = structlog.get_logger()
    for doubt in list_doubts(settings, found):
        log.warning("setting_in_doubt", setting=doubt.name, why=doubt.why, fix=doubt.fix)


def _meant(variable: str) -> str | None:
    """The setting that a variable is probably meant for; None for settings themselves and for what is far from any."""
    if variable in NAMES or variable in READ_BESIDES:
        return None
    unprefixed = variable.upper().removeprefix(PREFIX)
    if unprefixed in NAMES:
        return unprefixed
    return next(iter(difflib.get_close_matches(unprefixed, NAMES, n=1, cutoff=CLOSE)), None)


def show(name: str, value: object) -> str:
    """The value as a variable has it; nothing of one that may be secret."""
    if value is None or value == ():
        return ""
    if name in NEVER_SHOWN:
        return HIDDEN
    return write_value(value)
