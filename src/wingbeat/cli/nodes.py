"""`wingbeat nodes`: which node types there are, and everything about one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Any

    from rich.console import Console, RenderableType

    from wingbeat.sdk import NodeType
    from wingbeat.sdk.parameter_table import ParameterRow


def nodes(
    type_name: Annotated[
        str | None, typer.Argument(metavar="[TYPE]", help="A node type, such as condition.if; all of them without it.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the node types that there are, or show one: its help, ports, parameters and examples."""
    from rich.console import Console

    from wingbeat.discovery import discover_node_types

    types = discover_node_types().types
    chosen = None if type_name is None else _find(types, type_name)
    if json:
        import orjson

        found = [types[name].describe() for name in sorted(types)]
        typer.echo(orjson.dumps({"node_types": found} if chosen is None else chosen.describe()))
    elif chosen is None:
        _list(Console(highlight=False), types)
    else:
        _show(Console(highlight=False), chosen)


def _find(types: Mapping[str, NodeType], name: str) -> NodeType:
    from wingbeat.core.errors import InvalidInput
    from wingbeat.core.names import closest

    if name in types:
        return types[name]
    # People remember the last part: `if` is meant for `condition.if`.
    near = next((known for known in types if known.rpartition(".")[2] == name), None) or closest(name, types)
    raise InvalidInput(
        f"There is no node type {name!r:.120}.",
        code="NODE_TYPE_UNKNOWN",
        remedy=(f"Did you mean '{near}'? " if near else "") + "`wingbeat nodes` lists all of them.",
    )


def _list(console: Console, types: Mapping[str, NodeType]) -> None:
    from rich.table import Table
    from rich.text import Text

    from wingbeat.sdk.node_page import first_sentence

    table = Table("type", "what it does", box=None, pad_edge=False, header_style="dim")
    for name in sorted(types):
        table.add_row(Text(name, style="bold", no_wrap=True), Text(first_sentence(types[name].help)))
    console.print(table)
    console.print("\n`wingbeat nodes TYPE` shows one with its parameters and examples.", style="dim", markup=False)


def _show(console: Console, kind: NodeType) -> None:
    from rich.padding import Padding
    from rich.text import Text

    from wingbeat.sdk.node_page import EFFECTS
    from wingbeat.sdk.parameter_table import list_parameters

    described: Mapping[str, Any] = kind.describe()
    console.print(Text.assemble((kind.type, "bold"), f"  {kind.title}"))
    console.print(Padding(Text(kind.help), (1, 0)))
    console.print(Text.assemble(("Effect ", "bold"), f"{kind.effect}: it {EFFECTS[kind.effect]}"))
    sections: tuple[tuple[str, Iterable[RenderableType]], ...] = (
        ("Outputs", _outputs(described)),
        ("Parameters", _parameters(list_parameters(described["parameters"]))),
        ("Examples", _examples(described)),
    )
    for heading, lines in sections:
        console.print(Padding(Text(heading, style="bold"), (1, 0, 0, 0)))
        for line in lines:
            console.print(Padding(line, (0, 0, 0, 2)))


def _outputs(described: Mapping[str, Any]) -> Iterator[RenderableType]:
    from rich.text import Text

    from wingbeat.sdk.port_shape import describe_shape

    if not described["outputs"]:
        yield Text("None: nothing goes on from here.")
    for port in described["outputs"]:
        shape = describe_shape(port.get("schema"))
        yield Text.assemble((port["name"], "cyan"), f"  {port['help']}", (f" {shape}" if shape else "", "dim"))


def _parameters(rows: Iterable[ParameterRow]) -> Iterator[RenderableType]:
    import json

    from rich.padding import Padding
    from rich.text import Text

    from wingbeat.sdk.parameter_table import KINDS

    used = set()
    for row in rows:
        used.add(row.kind)
        default = "required" if row.required else f"default {json.dumps(row.default, ensure_ascii=False)}"
        yield Text.assemble(
            (row.path, "cyan"), f"  {row.kind}, {row.type}; ", (default, "yellow" if row.required else "")
        )
        names = f" Knows {', '.join(row.names)}." if row.names else ""
        yield Padding(Text(row.help + names), (0, 0, 0, 2))
        if row.examples:
            examples = " or ".join(json.dumps(example, ensure_ascii=False) for example in row.examples)
            yield Padding(Text(f"e.g. {examples}", style="dim"), (0, 0, 0, 2))
    if not used:
        yield Text("None.")
    for kind, meaning in KINDS.items():
        if kind in used:
            yield Text(f"{kind}: {meaning}.", style="italic")


def _examples(described: Mapping[str, Any]) -> Iterator[RenderableType]:
    import json

    from rich.padding import Padding
    from rich.text import Text

    for example in described["examples"]:
        yield Text(example["title"], style="cyan")
        shown = {name: value for name, value in example.items() if name != "title" and value is not None}
        for name, value in shown.items():
            written = value if name == "expect_error" else json.dumps(value, ensure_ascii=False)
            yield Padding(Text(f"{name.replace('_', ' ')}: {written}"), (0, 0, 0, 2))
