"""What the doctor says about settings that can be used: which differ from their defaults, and which look misspelt."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from wingbeat.cli.finding import Finding, ok, warning
from wingbeat.settings import NAMES, NEVER_SHOWN, Settings, default_data_dir

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ABOUT = "settings"
PREFIX = "WINGBEAT_"
# Names as close as two swapped letters or one missing; MY_API_KEY and the like belong to other programs.
CLOSE = 0.88


def check_differences(settings: Settings, environ: Mapping[str, str]) -> Finding:
    """Name the settings that differ from their defaults, with their values unless these may be secret."""
    usual = Settings.model_validate({"WINGBEAT_DATA_DIR": str(settings.data_dir)})
    differing = [
        variable if name in NEVER_SHOWN else f"{variable}={_show(getattr(settings, name))}"
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


def _meant(variable: str) -> str | None:
    """The setting that a variable is probably meant for; None for settings themselves and for what is far from any."""
    if variable in NAMES:
        return None
    unprefixed = variable.upper().removeprefix(PREFIX)
    if unprefixed in NAMES:
        return unprefixed
    return next(iter(difflib.get_close_matches(unprefixed, NAMES, n=1, cutoff=CLOSE)), None)


def _show(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
