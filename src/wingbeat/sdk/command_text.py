"""Chat commands as people type them: a prefix, a name, and what follows. What may follow says the node type."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_PREFIX = 5


class Typed(NamedTuple):
    """The first word of a message, and what follows it."""

    word: str
    rest: str


def split_text(text: str) -> Typed:
    """A message in two."""
    word, _, rest = text.strip().partition(" ")
    return Typed(word, rest.strip())


def command_key(name: str) -> str:
    """Under what a command's name, or an alias, is kept: case does not matter."""
    return name.casefold()


def lookup_keys(word: str) -> list[str]:
    """Under what the commands are kept that a first word may mean, whatever their prefixes."""
    places = range(1, min(LONGEST_PREFIX, len(word) - 1) + 1)
    return list(dict.fromkeys(command_key(word[place:]) for place in places))


def is_command(word: str, prefix: str, key: str) -> bool:
    """Whether a first word is the command that is kept under `key` and has this prefix."""
    return word.startswith(prefix) and command_key(word.removeprefix(prefix)) == key
