"""Names of events, and patterns for them: parts with dots between, `*` for one part, `**` at the end for any number."""

from __future__ import annotations

LONGEST_NAME = 200
PATTERN_HELP = "The event's name, in parts with dots between. `*` stands for one part, `**` at the end for any number."


def check_pattern(pattern: str) -> str:
    """The pattern; raises `ValueError` if it cannot be read."""
    parts = pattern.split(".")
    wrong = next((part for part in parts if not part or ("*" in part and part not in {"*", "**"})), None)
    if wrong is not None:
        raise ValueError(f"the part '{wrong}' is neither a name nor * nor **")
    if "**" in parts[:-1]:
        raise ValueError("** stands at the end")
    return pattern


def matches(pattern: str, name: str) -> bool:
    """Whether an event's name fits a pattern; one look at each part, however they are written."""
    wanted, parts = pattern.split("."), name.split(".")
    if wanted[-1] == "**":
        wanted.pop()
        parts = parts[: len(wanted)]
    return len(wanted) == len(parts) and all(one in {"*", part} for one, part in zip(wanted, parts, strict=True))


def lookup_key(pattern: str) -> str:
    """Under what a pattern is kept: the parts that it begins with, and whether anything else follows."""
    parts = pattern.split(".")
    first = next((place for place, part in enumerate(parts) if part in {"*", "**"}), None)
    return pattern if first is None else ".".join([*parts[:first], "*"])


def lookup_keys(name: str) -> list[str]:
    """Under what the patterns are kept that an event of this name may fit."""
    parts = name.split(".")
    return [name, *(".".join([*parts[:count], "*"]) for count in range(len(parts) + 1))]
