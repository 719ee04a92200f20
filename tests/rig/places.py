"""Where the database servers of tests have their files: in memory, where there is enough of it.

A database for each test is some seven hundred files; on a disk their making and removing is most of what a test costs.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from wingbeat.storage import embedded

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder with a name of its own is made there
ROOM_BYTES = 4_000_000_000
FORGOTTEN_SECONDS = 6 * 3600.0


def make_server_folder() -> Path:
    """A new folder for a database server, which servers of another user may pass through; the caller removes it."""
    folder = Path(tempfile.mkdtemp(prefix="wingbeat-test-", dir=_quickest()))
    folder.chmod(0o711)
    return folder


def remove_forgotten() -> None:
    """Give back the memory of runs that were killed long ago."""
    for folder in MEMORY.glob("wingbeat-test-*"):
        try:
            is_old = time.time() - folder.stat().st_mtime > FORGOTTEN_SECONDS
            if is_old and not embedded.status(folder).running:
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            # Somebody else removes it, or may not be disturbed.
            continue


def _quickest() -> Path | None:
    """The folder to make others in; none for that of the system."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free >= ROOM_BYTES else None
    except OSError:
        return None
