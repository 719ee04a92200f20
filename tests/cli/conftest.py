"""The real program, against the tests' database or a data directory of its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.rig.places import make_server_folder
from tests.rig.program import make_program

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.rig.program import Program


@pytest.fixture
def wingbeat(database_dsn: str, tmp_path: Path) -> Program:
    """The program on a migrated database of this test's own."""
    return make_program(DATABASE_URI=database_dsn, WINGBEAT_DATA_DIR=str(tmp_path / "data"))


@pytest.fixture
def offline(tmp_path: Path) -> Program:
    """The program for commands that need no database."""
    return make_program(WINGBEAT_DATA_DIR=str(tmp_path / "data"))


@pytest.fixture
def alone() -> Iterator[Program]:
    """The program on an empty data directory of its own, with an embedded PostgreSQL."""
    data_dir = make_server_folder()
    yield make_program(WINGBEAT_DATA_DIR=str(data_dir))
    shutil.rmtree(data_dir)
