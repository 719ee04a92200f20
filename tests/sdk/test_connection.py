"""The connections that a node's parameters name are found wherever they stand."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from wingbeat.sdk import ConnectionMarker, Parameters
from wingbeat.sdk.connection import named_connections

Mail = Annotated[str, ConnectionMarker("smtp")]


class Target(Parameters):
    """A nested model with a connection, and with more of itself."""

    connection: Annotated[str, ConnectionMarker("s3", "sql")] | None = None
    others: list[Target] = Field([])


class Everything(Parameters):
    """Connections at every depth, beside what holds none."""

    plain: str = ""
    mail: Mail = ""
    spare: list[Mail] = Field([])
    target: Target | None = None
    targets: list[Target] = Field([])
    named: str = Field(default="", alias="as")
    answer: Annotated[Mail | None, Field(alias="reply")] = None


class Nothing(BaseModel):
    """A model without any."""

    text: str = ""


def test_connections_are_found_at_every_depth() -> None:
    """With the path in the JSON, and the kinds that fit there."""
    value = {
        "plain": "p", "mail": "a", "spare": ["b", 5, "c"], "as": "x", "reply": "d",
        "target": {"connection": "e", "others": [{"connection": "f"}]},
        "targets": [{"connection": None}, {"connection": "g"}, "odd"],
    }  # fmt: skip
    found = {(one.path, one.connection_id): one.kinds for one in named_connections(Everything, value)}  # type: ignore[arg-type] # JSON
    assert found == {
        ("mail", "a"): ("smtp",),
        ("spare.0", "b"): ("smtp",),
        ("spare.2", "c"): ("smtp",),
        ("target.connection", "e"): ("s3", "sql"),
        ("target.others.0.connection", "f"): ("s3", "sql"),
        ("targets.1.connection", "g"): ("s3", "sql"),
        ("reply", "d"): ("smtp",),
    }


def test_what_has_none_or_is_no_object_has_none() -> None:
    """Parameters may be anything before they are checked."""
    assert list(named_connections(Nothing, {"text": "a"})) == []
    assert list(named_connections(Everything, ["a"])) == []
    assert list(named_connections(Everything, None)) == []
