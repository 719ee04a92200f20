# ruff: noqa: INP001 - a program of another environment, no package
"""The reference workload on DBOS: trigger, condition, two transforms, end; five recorded steps, taken from a queue.

    python workload.py DATABASE_URI EXECUTIONS

All executions are put into the queue first, which is not measured. Then this one process works on them, and the
database says how long that took: from the first start to the last end. Prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import Any

import psycopg
from dbos import DBOS, DBOSClient

QUEUE = "bench"
APPLICATION_VERSION = "1"
PRODUCERS = 8
# Found by trying: with 10 or 300 it is slower, and so it is with DBOS's asynchronous API.
AT_ONCE = 50
POOL = 20
POLLING_SECONDS = 0.05


@DBOS.step()
def trigger(data: dict[str, Any]) -> dict[str, Any]:
    """What came in."""
    return data


@DBOS.step()
def check(data: dict[str, Any]) -> bool:
    """The condition."""
    return bool(data["n"] >= 0)


@DBOS.step()
def double(data: dict[str, Any]) -> int:
    """The first transform."""
    return int(data["n"] * 2)


@DBOS.step()
def wrap(value: int) -> dict[str, Any]:
    """The second transform."""
    return {"value": value}


@DBOS.step()
def end(value: dict[str, Any]) -> dict[str, Any]:
    """What comes out."""
    return value


@DBOS.workflow(name="reference")
def reference(data: dict[str, Any]) -> dict[str, Any] | None:
    """The reference workflow."""
    received = trigger(data)
    if not check(received):
        return None
    return end(wrap(double(received)))


def put_in(uri: str, executions: int) -> None:
    """Fill the queue."""
    client = DBOSClient(system_database_url=uri)

    def put(number: int) -> None:
        client.enqueue(
            {"queue_name": QUEUE, "workflow_name": "reference", "app_version": APPLICATION_VERSION}, {"n": number}
        )

    with ThreadPoolExecutor(PRODUCERS) as producers:
        list(producers.map(put, range(executions)))
    client.destroy()


def work_off(connection: psycopg.Connection[tuple[Any, ...]], executions: int) -> float:
    """Wait until all have ended; returns the seconds from the first start to the last end."""
    while True:
        row = connection.execute(
            "SELECT count(*), (max(completed_at) - min(started_at_epoch_ms)) / 1000.0 "
            "FROM dbos.workflow_status WHERE status = 'SUCCESS'"
        ).fetchone()
        if row is not None and row[0] >= executions:
            return float(row[1])
        time.sleep(0.2)


def main() -> None:
    """Measure once."""
    uri, executions = sys.argv[1], int(sys.argv[2])
    DBOS(
        config={
            "name": "bench",
            "system_database_url": uri,
            "sys_db_pool_size": POOL,
            "application_version": APPLICATION_VERSION,
            "log_level": "ERROR",
        }
    )
    DBOS.launch()
    put_in(uri, executions)
    with psycopg.connect(uri, autocommit=True) as connection:
        DBOS.register_queue(QUEUE, worker_concurrency=AT_ONCE, polling_interval_sec=POLLING_SECONDS)
        seconds = work_off(connection, executions)
        row = connection.execute("SELECT count(*) FROM dbos.operation_outputs").fetchone()
    steps = row[0] if row is not None else 0
    settings = {"worker_concurrency": AT_ONCE, "sys_db_pool_size": POOL, "polling_interval_sec": POLLING_SECONDS}
    report = {
        "peer": "dbos",
        "version": version("dbos"),
        "executions": executions,
        "steps": steps,
        "seconds": seconds,
        "settings": {"api": "sync", **settings},
    }
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    # A clean shutdown waits for idle threads; nothing is left to lose.
    os._exit(0)


if __name__ == "__main__":
    main()
