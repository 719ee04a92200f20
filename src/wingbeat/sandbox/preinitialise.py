"""Writes a WebAssembly module anew with the memory that it has after its start, so that no machine starts from nothing.

Only for modules whose state is all in their memory: one memory, active data only, no start function. See the binary
format of the WebAssembly specification, chapter 5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

MEMORY, START, ELEMENT, DATA_COUNT, CODE, DATA = 5, 8, 9, 12, 10, 11
HEADER = b"\0asm\x01\0\0\0"
PAGE = 65_536
# Zeros of up to this many bytes are written rather than left out: a new piece costs about as much.
SMALL_GAP = 64


class Section(NamedTuple):
    """A part of a module, by the number of its kind."""

    kind: int
    body: bytes


def preinitialise(wasm: bytes, memory: bytes) -> bytes:
    """The module with `memory`, a whole number of pages, in place of its own data."""
    sections = list(read_sections(wasm))
    kinds = {section.kind for section in sections}
    if START in kinds:
        raise ValueError("The module has a start function.")
    pieces = list(_pieces(memory))
    data = _number(len(pieces)) + b"".join(
        b"\x00\x41" + _signed(place) + b"\x0b" + _number(len(piece)) + piece for place, piece in pieces
    )
    # Without the count of the data, a module that uses passive data is refused when it is compiled.
    kept = [_grown(section, len(memory) // PAGE) for section in sections if section.kind not in (DATA, DATA_COUNT)]
    # Custom sections may follow; the data has its place after the code.
    after = next(place for place, section in enumerate(kept) if section.kind == CODE) + 1
    kept.insert(after, Section(DATA, data))
    return HEADER + b"".join(bytes([kind]) + _number(len(body)) + body for kind, body in kept)


def read_sections(wasm: bytes) -> Iterator[Section]:
    """The sections in their order."""
    if not wasm.startswith(HEADER):
        raise ValueError("This is no WebAssembly module.")
    place = len(HEADER)
    while place < len(wasm):
        kind = wasm[place]
        size, place = _read_number(wasm, place + 1)
        yield Section(kind, wasm[place : place + size])
        place += size


def _grown(section: Section, pages: int) -> Section:
    """The memory's section with this many pages to begin with; any other as it is."""
    if section.kind != MEMORY:
        return section
    count, place = _read_number(section.body, 0)
    limits = section.body[place]
    if count != 1 or limits > 1:
        raise ValueError("The module has not exactly one plain memory.")
    _, place = _read_number(section.body, place + 1)
    return Section(MEMORY, _number(1) + bytes([limits]) + _number(pages) + section.body[place:])


def _pieces(memory: bytes) -> Iterator[tuple[int, bytes]]:
    """The parts of the memory that are not zero, with their places."""
    gap = bytes(SMALL_GAP)
    place = 0
    while place < len(memory):
        if memory[place : place + SMALL_GAP] == gap:
            place += SMALL_GAP
            continue
        end = memory.find(gap, place)
        end = len(memory) if end < 0 else end
        end = max(end, place + 1)
        yield place, memory[place:end]
        place = end


def _number(value: int) -> bytes:
    """LEB128, unsigned."""
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        out.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(out)


def _signed(value: int) -> bytes:
    """LEB128, signed."""
    out = bytearray()
    while True:
        byte = value & 0x7F
        value >>= 7
        done = (value == 0 and not byte & 0x40) or (value == -1 and byte & 0x40)
        out.append(byte if done else byte | 0x80)
        if done:
            return bytes(out)


def _read_number(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value, place
