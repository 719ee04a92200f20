"""`wingbeat nodes`: what there is to build with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from wingbeat.discovery import discover_node_types

if TYPE_CHECKING:
    from tests.rig.program import Program

TYPES = discover_node_types().types


async def test_all_types_are_listed(offline: Program) -> None:
    """Each with what it does, in no more than 80 columns."""
    finished = await offline.with_settings(COLUMNS="80")("nodes")

    assert (0, []) == (finished.status, [name for name in TYPES if name not in finished.output])
    assert [] == [line for line in finished.output.splitlines() if len(line) > 80]


@pytest.mark.parametrize("name", ["action.http_request", "condition.switch", "loop.break"])
async def test_one_type_is_shown_whole(offline: Program, name: str) -> None:
    """Its parameters, nested ones included, its outputs and its examples, in no more than 80 columns."""
    finished = await offline.with_settings(COLUMNS="80")("nodes", name)

    kind = TYPES[name]
    wanted = [*kind.parameters.model_fields, *(port.name for port in kind.outputs), *(e.title for e in kind.examples)]
    assert (0, []) == (finished.status, [text for text in wanted if text not in finished.output])
    assert [] == [line for line in finished.output.splitlines() if len(line) > 80]


async def test_programs_get_the_description_as_json(offline: Program) -> None:
    """Of one type, or of all."""
    one, everything = await offline("nodes", "flow.end", "--json"), await offline("nodes", "--json")

    assert one.json() == TYPES["flow.end"].describe()
    assert [found["type"] for found in everything.json()["node_types"]] == sorted(TYPES)


@pytest.mark.parametrize(("name", "meant"), [("if", "condition.if"), ("data.transfrom", "data.transform")])
async def test_an_unknown_type_names_the_closest(offline: Program, name: str, meant: str) -> None:
    """By its last part, or by its spelling; exit status 2."""
    finished = await offline("nodes", name)

    assert (2, True) == (finished.status, f"'{meant}'" in finished.errors)
