"""Chat commands as people type them."""

from __future__ import annotations

import pytest

from wingbeat.sdk.command_text import command_key, is_command, lookup_keys, split_text


def test_a_message_is_a_word_and_the_rest() -> None:
    """Whatever blanks are around them."""
    assert ("!so", "@ann for the song") == split_text("  !so  @ann for the song ")
    assert ("", "") == split_text(" ")


@pytest.mark.parametrize("prefix", ["!", "/", "!!", "ß"])
@pytest.mark.parametrize("name", ["so", "SO", "Straße", "x"])
def test_a_command_is_found_under_its_key(prefix: str, name: str) -> None:
    """Whatever its prefix and the case in which it is typed."""
    word, key = prefix + name.upper(), command_key(name)
    assert key in lookup_keys(word)
    assert is_command(word, prefix, key)


def test_another_prefix_is_another_command() -> None:
    """And a name without one is none."""
    assert not is_command("/so", "!", "so")
    assert not is_command("so", "!", "so")
    assert [] == lookup_keys("!")
