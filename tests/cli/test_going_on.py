"""`wingbeat run --break`, `resume`, `retry` and `fork`: going on from the middle."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.rig.program import one_step, write

if TYPE_CHECKING:
    from tests.rig.program import Program


async def shown(wingbeat: Program, *arguments: str | Path) -> tuple[int, dict[str, Any]]:
    """The exit status, and the object of `--json`."""
    finished = await wingbeat(*arguments, "--json")
    return finished.status, finished.json()


async def test_a_run_stops_and_goes_on_with_another_input(wingbeat: Program, tmp_path: Path) -> None:
    """Exit status 3 with what the step would find; then the result."""
    file = write(tmp_path, one_step("{{ input.n + 1 }}"))
    status, stop = await shown(wingbeat, "run", file, "--input", '{"n": 1}', "--break", "made")
    assert (3, "paused", {"n": 1}) == (status, stop["status"], stop["error"]["steps"][0]["input"])
    status, end = await shown(wingbeat, "resume", stop["execution_id"], "--input", '{"n": 41}')
    assert (0, 42) == (status, end["output"])


async def test_a_stop_is_told_to_people(wingbeat: Program, tmp_path: Path) -> None:
    """With how to go on."""
    finished = await wingbeat("run", write(tmp_path, one_step("{{ input }}")), "--input", "7", "--break", "made")
    assert 3 == finished.status
    assert "wingbeat resume" in finished.errors


async def test_a_failed_run_is_tried_again_and_forked(wingbeat: Program, tmp_path: Path) -> None:
    """Another try fails as it did; a fork with what was missing does not."""
    file = write(tmp_path, one_step("{{ input.n + 1 }}"))
    _, failed = await shown(wingbeat, "run", file, "--input", "{}")
    status, again = await shown(wingbeat, "retry", failed["execution_id"])
    assert (1, failed["error"]["code"]) == (status, again["error"]["code"])
    status, forked = await shown(wingbeat, "fork", failed["execution_id"], "made", "--input", '{"n": 1}')
    assert (0, 2) == (status, forked["output"])


async def test_what_cannot_be_forked_is_refused(wingbeat: Program, tmp_path: Path) -> None:
    """With the closest match."""
    _, failed = await shown(wingbeat, "run", write(tmp_path, one_step("{{ input.n }}")), "--input", "{}")
    finished = await wingbeat("fork", failed["execution_id"], "mad")
    assert (2, True) == (finished.status, "Did you mean 'made'?" in finished.errors)
