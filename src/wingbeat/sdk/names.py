"""The names that people give in parameters: of ports and of variables. What may be one, and why another may not."""

from __future__ import annotations

import keyword
import unicodedata
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, StringConstraints

from wingbeat.core.outcome import ERROR

MAX_NAME = 64
# Names of the run (`input`, `item` ...) are refused as well, for the whole workflow at once, by `wingbeat.core.checks`.
JSON_WORDS = frozenset({"true", "false", "null"})


def _port_name(name: str) -> str:
    if name == ERROR:
        raise ValueError(f"'{ERROR}' is the port that a failed node takes; choose another name")
    return name


def _variable_name(name: str) -> str:
    # Expressions are parsed as Python is, which normalises names: another spelling would never be found.
    if not name.isidentifier() or not unicodedata.is_normalized("NFKC", name):
        raise ValueError(f"'{name}' is no name for a variable; use letters, digits and _, and begin with a letter")
    if name in JSON_WORDS or keyword.iskeyword(name):
        raise ValueError(f"'{name}' has a meaning of its own in expressions; choose another name")
    return name


PortName: TypeAlias = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_ .-]*$", max_length=MAX_NAME),
    AfterValidator(_port_name),
]
VariableName: TypeAlias = Annotated[
    str, StringConstraints(min_length=1, max_length=MAX_NAME), AfterValidator(_variable_name)
]
