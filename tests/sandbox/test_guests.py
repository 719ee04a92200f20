"""What the machines are made of."""

from __future__ import annotations

import hashlib

import pytest

from wingbeat.sandbox.artifacts import GUESTS
from wingbeat.sandbox.preinitialise import DATA, MEMORY, preinitialise, read_sections


def test_module_from_outside_is_the_one_that_was_recorded() -> None:
    """The note beside quickjs.wasm names its hash, and it is that file."""
    folder = GUESTS / "javascript"
    found = hashlib.sha256((folder / "quickjs.wasm").read_bytes()).hexdigest()
    assert found in (folder / "README.md").read_text()
    assert "MIT License" in (folder / "LICENSE").read_text()


def test_module_gets_the_memory_that_it_is_given() -> None:
    """The pieces of data of the new module put together are the memory, and nothing else has changed."""
    wasm = (GUESTS / "javascript" / "quickjs.wasm").read_bytes()
    memory = bytearray(20 * 65_536)
    memory[70_000:70_003] = b"abc"
    memory[-1] = 1

    before = {section.kind: section.body for section in read_sections(wasm)}
    after = {section.kind: section.body for section in read_sections(preinitialise(wasm, bytes(memory)))}

    assert after[MEMORY] == b"\x01\x00\x14"
    assert b"abc" in after[DATA]
    same = {1, 2, 3, 4, 6, 7, 9, 10}
    assert {kind: before[kind] for kind in same} == {kind: after[kind] for kind in same}


def test_anything_else_is_no_module() -> None:
    """A file that is no WebAssembly is refused."""
    with pytest.raises(ValueError, match="no WebAssembly"):
        preinitialise(b"MZ", bytes(65_536))
