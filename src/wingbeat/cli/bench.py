"""`wingbeat bench`: what this machine makes of the promises in docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wingbeat.core.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.bench.report import Effort, Figure, Report
    from wingbeat.cli.loop import Stopping
    from wingbeat.core.json_value import JsonObject

ALL = "all"
PEER_OF = "throughput"


def bench(  # noqa: PLR0913, PLR0917 - one argument for each option
    name: Annotated[
        str,
        typer.Argument(
            help=(
                "throughput, webhook, intake, fanout, foreach, plan, recovery, wake, schedules, start, subworkflow, "
                "code-steps; all: all."
            )
        ),
    ],
    seconds: Annotated[float, typer.Option("--seconds", min=0.1, max=3600, help="How long to measure.")] = 10.0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    peer: Annotated[
        str | None, typer.Option("--peer", help="Measure another engine as well, and the ratio: dbos (in a checkout).")
    ] = None,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=1000, help="foreach: iterations at the same time.")
    ] = 1,
    nested: Annotated[bool, typer.Option("--nested", help="foreach: a loop in a loop.")] = False,
    collect: Annotated[
        str, typer.Option("--collect", help="foreach: what becomes of the results: none, results or blob.")
    ] = "none",
    size: Annotated[float, typer.Option("--size", min=0.0001, max=100, hidden=True)] = 1.0,
) -> None:
    """Measure on an installation of its own, which is removed afterwards, and show figures, goals and the machine."""
    from wingbeat.bench.machine import describe_machine
    from wingbeat.bench.report import Effort, LoopShape
    from wingbeat.cli import logs, loop

    _check(name, peer)
    shape = LoopShape(concurrency, nested, collect)
    if collect not in {"none", "results", "blob"} or (shape != LoopShape() and name != "foreach"):
        raise InvalidInput(
            "--concurrency, --nested and --collect are for the benchmark foreach.",
            code="BENCHMARK_OPTION_UNFIT",
            remedy="Use, for instance: wingbeat bench foreach --collect blob (or results, or none).",
        )
    logs.configure("WARNING")
    machine = describe_machine()

    async def command(stopping: Stopping) -> list[Report]:
        del stopping  # It cancels this coroutine, and every benchmark cleans up behind itself.
        reports = []
        async for report in _measure(name, Effort(seconds, size, shape), peer):
            reports.append(report)
            if not json:
                _show(report)
        return reports

    if not json:
        _show_machine(machine)
    reports = loop.run(command)
    if json:
        import orjson

        typer.echo(orjson.dumps({"machine": machine, "reports": [report.to_json() for report in reports]}))


def _check(name: str, peer: str | None) -> None:
    from wingbeat.bench.catalogue import BENCHMARKS
    from wingbeat.core.names import closest

    if name != ALL and name not in BENCHMARKS:
        near = closest(name, [*BENCHMARKS, ALL])
        raise InvalidInput(
            f"There is no benchmark {name!r:.100}.",
            code="BENCHMARK_UNKNOWN",
            remedy=f"Did you mean {near!r}?" if near else f"There are: {', '.join([*BENCHMARKS, ALL])}.",
        )
    if peer is not None and name not in (PEER_OF, ALL):
        raise InvalidInput(
            f"The benchmark {name!r} has no peers.",
            code="PEER_UNKNOWN",
            remedy=f"Use --peer with {PEER_OF}.",
        )


async def _measure(name: str, effort: Effort, peer: str | None) -> AsyncIterator[Report]:
    from wingbeat.bench.catalogue import BENCHMARKS
    from wingbeat.bench.peer import compare, measure_peer

    for one in BENCHMARKS if name == ALL else [name]:
        report = await BENCHMARKS[one](effort)
        yield report
        if peer is not None and one == PEER_OF:
            theirs = await measure_peer(peer, effort)
            yield theirs
            yield compare(report, theirs, peer)


def _show_machine(machine: JsonObject) -> None:
    typer.echo(
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}; "
        f"Python {machine['python']}, PostgreSQL {machine['postgresql']}, "
        f"wingbeat {machine['wingbeat']}" + (f" ({machine['commit']})" if machine["commit"] else "")
    )


def _show(report: Report) -> None:
    typer.echo(f"\n{report.benchmark}: {report.method}")
    if report.settings:
        typer.echo("  " + ", ".join(f"{name} {value}" for name, value in report.settings.items()))
    width = max(len(figure.name) for figure in report.figures)
    for figure in report.figures:
        typer.echo(f"  {figure.name:{width}}  {_value(figure):>10} {figure.unit:15} {_goal(figure)}".rstrip())


def _value(figure: Figure) -> str:
    from wingbeat.bench.report import round_off

    return f"{round_off(figure.value):,.10g}"


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    return f"goal {figure.goal}: {'met' if figure.goal.met_by(figure.value) else 'missed'}"
