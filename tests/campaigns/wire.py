"""Cuts: the wire to PostgreSQL breaks at each message of an execution. Crash points: the worker itself does."""

from __future__ import annotations

import random
import signal
import tempfile
from pathlib import Path
from uuid import UUID

from tests.campaigns.installation import Installation, Process, install
from tests.campaigns.load import Ledger, ledger, workflow
from tests.campaigns.verdicts import Report, judge
from tests.rig.engine import Engine, running_engine, until
from tests.rig.proxy import Cut, Proxy

from wingbeat.core.access import SYSTEM
from wingbeat.services.workflows import Workflows
from wingbeat.storage.workflows import WorkflowFields

CRASHING_WORKER = ("-m", "tests.campaigns.crashing_worker")
CHECKOUT = str(Path(__file__).parents[2])


async def cuts(*, sample: int | None) -> Report:
    """Cut before and after each message of a whole execution, or of a sample."""
    report = Report("cuts")
    with tempfile.TemporaryDirectory() as folder:
        async with ledger() as other, install() as installation:
            proxy = Proxy(installation.database.dsn, Path(folder))
            await proxy.open()
            async with running_engine(installation.database, installation.data_dir) as engine:
                count = await _cut_everywhere(engine, proxy, other, sample)
            await proxy.close()
            report.figures["cuts"] = proxy.cuts
            await judge(report, installation.database.dsn, count, other)
    return report


async def _cut_everywhere(engine: Engine, proxy: Proxy, other: Ledger, sample: int | None) -> int:
    workflow_id = await _publish(engine, other)
    await engine.worker(proxy.dsn)
    before = proxy.messages
    await engine.ended(await engine.start(workflow_id, {"n": 0}), 60)
    messages = proxy.messages - before
    points = [(message, cut) for message in range(1, messages + 1) for cut in Cut]
    if sample is not None:
        points = random.sample(points, min(sample, len(points)))
    for n, (message, cut) in enumerate(points, 1):
        proxy.cut_at(message, cut)
        await engine.ended(await engine.start(workflow_id, {"n": n}), 60)
        proxy.disarm()
    return 1 + len(points)


async def _publish(engine: Engine, other: Ledger) -> UUID:
    workflows = Workflows(engine.database, engine.catalog)
    created = await workflows.create(SYSTEM, WorkflowFields(workflow(other.port)))
    await workflows.publish(SYSTEM, created.workflow.header.workflow_id)
    return created.workflow.header.workflow_id


async def crash_points(*, sample: int | None) -> Report:
    """Let a worker exit before and after each thing that it asks of the database, and the next one go on."""
    report = Report("crash-points")
    async with ledger() as other, install() as installation:
        wanted = await installation.publish(workflow(other.port))
        await wanted.start(0)
        points = await _crash(installation, 0, Cut.AFTER)
        places = [(point, cut) for point in range(1, points + 1) for cut in Cut]
        if sample is not None:
            places = random.sample(places, min(sample, len(places)))
        crashes = 0
        for n, (point, cut) in enumerate(places, 1):
            await wanted.start(n)
            crashes += await _crash(installation, point, cut) == 0
        await _crash(installation, 0, Cut.AFTER)
        report.figures = {"points": points, "crashes": crashes}
        await judge(report, installation.database.dsn, len(places) + 1, other)
    return report


async def _crash(installation: Installation, point: int, cut: Cut) -> int:
    """Run a worker that exits at that point; 0 when it did, else how many points it came by until all had ended."""
    with tempfile.NamedTemporaryFile() as note:
        settings = {"CRASH_AT": str(point), "CRASH": cut.value, "CRASH_NOTE": note.name, "PYTHONPATH": CHECKOUT}
        process = Process(CRASHING_WORKER, installation.environment(**settings))
        await process.start()

        async def over() -> bool:
            return not process.alive or await installation.unended() == 0

        await until(over, "the worker has crashed, or nothing is left to do", 90)
        crashed = not process.alive
        await process.end(signal.SIGKILL)
        return 0 if crashed else len(note.read())
