"""Values too big for a row, in a folder."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from wingbeat.core.errors import BadSettings, PlatformError
from wingbeat.storage.blobs import Blobs


async def test_a_blob_comes_back_as_it_was(tmp_path: Path) -> None:
    """The path that `put` gives leads to the same bytes, also for another process on the same folder."""
    url = (tmp_path / "a folder").as_uri()
    path = await Blobs(url).put(uuid4(), "step-1", b"\x00{}")
    assert b"\x00{}" == await Blobs(url).get(path)


async def test_a_missing_blob_says_where_to_look(tmp_path: Path) -> None:
    """The error has its own code and names the setting."""
    with pytest.raises(PlatformError) as caught:
        await Blobs(tmp_path.as_uri()).get(f"{uuid4()}/none.json")
    assert "BLOB_MISSING" == caught.value.code
    assert "BLOB_URL" in caught.value.remedy


async def test_the_blobs_of_an_execution_are_dropped_alone(tmp_path: Path) -> None:
    """What belongs to others stays, and dropping what has none is no error."""
    blobs, first, second = Blobs(tmp_path.as_uri()), uuid4(), uuid4()
    gone, kept = await blobs.put(first, "a", b"1"), await blobs.put(second, "a", b"2")
    await blobs.drop([first, uuid4()])
    assert b"2" == await blobs.get(kept)
    with pytest.raises(PlatformError):
        await blobs.get(gone)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    """The refusal comes when the process starts, not with the first big value."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSettings) as caught:
        Blobs((tmp_path / "file" / "blobs").as_uri())
    assert "BLOB_FOLDER_UNUSABLE" == caught.value.code
