"""The settings as they are in effect in this process, where each is from and what it is for; never a secret's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wingbeat.environment import FROM_ENVIRONMENT
from wingbeat.settings import NAMES, NEVER_SHOWN, Settings
from wingbeat.settings_page import default_of, meaning_of

if TYPE_CHECKING:
    from collections.abc import Mapping

Source: TypeAlias = Literal["environment", "file", "option", "default"]
# Always given, and from the environment only if that says so.
DERIVED = "data_dir"


@dataclass(frozen=True, slots=True)
class EffectiveSetting:
    """One of them. The `value` is as a variable has it; null if it is unset, and of what may hold a secret."""

    name: str
    value: str | None
    is_set: bool
    secret: bool
    source: Source
    origin: str
    default: str | None
    description: str
    allowed: str


@dataclass(frozen=True)
class EffectiveSettings:
    """The settings of a process; `sources` says where variables were found."""

    settings: Settings
    sources: Mapping[str, str]

    def list(self) -> list[EffectiveSetting]:
        """All of them, in the order of the documentation."""
        return [self._describe(variable, name) for variable, name in NAMES.items()]

    def _describe(self, variable: str, name: str) -> EffectiveSetting:
        value = getattr(self.settings, name)
        is_set, secret = value is not None and value != (), name in NEVER_SHOWN
        origin = self.sources.get(variable, "")
        given = name in self.settings.model_fields_set and name != DERIVED
        return EffectiveSetting(
            name=variable,
            value=None if secret or not is_set else write_value(value),
            is_set=is_set,
            secret=secret,
            source=source_of(origin, given=given),
            origin=origin,
            default=default_of(name),
            description=meaning_of(name),
            allowed=Settings.model_fields[name].description or "",
        )


def source_of(origin: str, *, given: bool) -> Source:
    """Where a value is from; one that was `given` and is from nowhere else was an option of the command."""
    if origin in {"", FROM_ENVIRONMENT}:
        return "environment" if origin else "option" if given else "default"
    return "option" if origin.startswith("-") else "file"


def write_value(value: object) -> str:
    """The value as a variable has it."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
