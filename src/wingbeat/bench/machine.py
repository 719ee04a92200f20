"""The machine and the versions that figures belong to: without them a figure means nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from wingbeat.storage.embedded_account import INSTALLATION, installed_package

if TYPE_CHECKING:
    from wingbeat.core.json_value import JsonObject

GIGABYTE = 1_000_000_000


def describe_machine() -> JsonObject:
    """Processor, cores that this process may use, memory, and the versions of what runs."""
    server = installed_package() / INSTALLATION / "bin" / "postgres"
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / GIGABYTE, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "postgresql": _output([str(server), "--version"]).rpartition(" ")[2] or None,
        "wingbeat": version("wingbeat"),
        "commit": _commit(),
    }


def checkout() -> Path | None:
    """The folder of the source checkout that this package runs from, if it does."""
    top = Path(__file__).parents[3]
    return top if (top / "bench" / "peers").is_dir() else None


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _commit() -> str | None:
    top = checkout()
    if top is None:
        return None
    return _output(["git", "-C", str(top), "describe", "--always", "--dirty"]) or None


def _output(command: list[str]) -> str:
    """What a command prints, or nothing if it is not there or fails."""
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - ours
    except (OSError, subprocess.CalledProcessError):
        return ""
