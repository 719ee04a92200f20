"""Every benchmark, at a small size: that it works and cleans up, never how fast it is."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.rig.places import make_server_folder

from wingbeat.bench.catalogue import BENCHMARKS
from wingbeat.bench.report import BenchmarkBroken, Effort, Figure, Goal, Report, percentile

COMMAND = (sys.executable, "-c", "from wingbeat.cli import main; main()", "bench")
FIGURES = {
    "throughput": 2,
    "webhook": 6,
    "fanout": 5,
    "intake": 8,
    "permission": 6,
    "foreach": 3,
    "plan": 4,
    "recovery": 5,
    "wake": 3,
    "schedules": 4,
    "start": 4,
    "subworkflow": 1,
    "code-steps": 2,
}


def _bench(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command with `folder` for its temporary files."""
    environment = os.environ | {"TMPDIR": str(folder)}
    return subprocess.run(  # noqa: S603 - our own program
        [*COMMAND, *arguments], capture_output=True, text=True, check=False, env=environment
    )


@pytest.fixture
def folder() -> Path:
    """A temporary folder that the embedded server's user may pass through."""
    return make_server_folder()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_benchmark_gives_its_figures_and_leaves_nothing(name: str, folder: Path) -> None:
    """Each benchmark runs on a machine with nothing but the package, prints JSON, and removes what it made."""
    done = _bench(folder, name, "--seconds", "0.2", "--size", "0.01", "--json")

    assert (0, "") == (done.returncode, done.stderr)
    shown = json.loads(done.stdout)
    assert [name] == [report["benchmark"] for report in shown["reports"]]
    assert FIGURES[name] == len(shown["reports"][0]["figures"])
    assert {"processor", "cores", "memory_gb", "system", "python", "postgresql", "wingbeat", "commit"} == set(
        shown["machine"]
    )
    folder.rmdir()  # Fails unless it is empty.


def test_interrupted_benchmark_leaves_nothing(folder: Path) -> None:
    """Ctrl-C in the middle ends the benchmark's processes and removes its data."""
    process = subprocess.Popen(  # noqa: S603 - our own program
        [*COMMAND, "schedules", "--seconds", "600", "--size", "0.01"],
        env=os.environ | {"TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        process.stdout.readline()  # The machine: it has begun.
        while not list(folder.glob("*/worker.log")) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)

    assert 128 + signal.SIGINT == process.returncode
    folder.rmdir()  # Fails unless it is empty.


def test_unknown_benchmark_is_refused_with_the_closest_name(folder: Path) -> None:
    """A misspelt name is refused before anything starts."""
    done = _bench(folder, "troughput")

    assert (2, "") == (done.returncode, done.stdout)
    assert "Did you mean 'throughput'?" in done.stderr


def test_benchmark_without_peers_refuses_one(folder: Path) -> None:
    """Only throughput has peers."""
    done = _bench(folder, "plan", "--peer", "dbos")

    assert done.returncode == 2
    assert "PEER_UNKNOWN" in done.stderr


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2.0), (0.99, 4.0), (0.0, 1.0), (1.0, 4.0)])
def test_percentile_is_a_value_that_was_measured(share: float, expected: float) -> None:
    """It is the smallest value that this share of the values do not exceed."""
    assert expected == percentile([4.0, 1.0, 3.0, 2.0], share)


def test_percentile_of_nothing_is_refused() -> None:
    """A benchmark that measured nothing says so instead of showing a figure."""
    with pytest.raises(BenchmarkBroken):
        percentile([], 0.5)


def test_report_says_which_goals_are_met() -> None:
    """A figure with a goal says whether it is met, at least or at most; one without says nothing."""
    figures = (Figure("a", 2.0, "s", Goal(2, at_most=True)), Figure("b", 1.0, "x", Goal(2)), Figure("c", 1234.5, "x"))

    assert [
        {"name": "a", "value": 2.0, "unit": "s", "goal": "<= 2", "met": True},
        {"name": "b", "value": 1.0, "unit": "x", "goal": ">= 2", "met": False},
        {"name": "c", "value": 1234, "unit": "x"},
    ] == Report("r", "", figures).to_json()["figures"]


def test_size_scales_what_is_measured() -> None:
    """Sizes shrink with the effort, down to what the benchmark needs."""
    assert (100, 7) == (Effort(size=0.01).sized(10_000), Effort(size=0.01).sized(100, least=7))
