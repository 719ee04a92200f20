"""Files of executions over HTTP: for those who may see the execution, and never as a page."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import httpx
import pytest

from wingbeat.api.app import Services
from wingbeat.api.executions.file_routes import disposition

Make = Callable[..., Awaitable[str]]
ROOT = "/api/v1/workflows/executions"


@pytest.fixture
async def execution(client: httpx.AsyncClient, publish: Make) -> UUID:
    """An execution that was started."""
    answer = await client.post(f"{await publish()}/execute")
    return UUID(answer.json()["data"]["execution_id"])


async def test_a_file_is_saved_under_its_name(client: httpx.AsyncClient, services: Services, execution: UUID) -> None:
    """All its bytes, its type, and nothing by which a browser would show it as a page."""
    page = b"<script>alert(1)</script>" * 20_000
    reference = await services.files.store.of(execution).keep(page, name='ä"b.html', media_type="text/html")
    client.event_hooks = {}
    answer = await client.get(f"{ROOT}/{execution}/files/{reference['$file']}")
    assert (200, page, str(len(page))) == (answer.status_code, answer.content, answer.headers["content-length"])
    assert "text/html" == answer.headers["content-type"]
    assert (
        "attachment; filename=\"__b.html\"; filename*=UTF-8''%C3%A4%22b.html" == answer.headers["content-disposition"]
    )
    assert "nosniff" == answer.headers["x-content-type-options"]
    assert "sandbox; default-src 'none'" == answer.headers["content-security-policy"]


async def test_an_empty_file_can_be_downloaded(client: httpx.AsyncClient, services: Services, execution: UUID) -> None:
    """It has no bytes."""
    reference = await services.files.store.of(execution).keep(b"", name="none")
    client.event_hooks = {}
    answer = await client.get(f"{ROOT}/{execution}/files/{reference['$file']}")
    assert (200, b"") == (answer.status_code, answer.content)


async def test_other_files_are_not_there(client: httpx.AsyncClient, services: Services, execution: UUID) -> None:
    """Not those of another execution, nor of none, nor made-up ones, nor those that are gone."""
    store = services.files.store
    mine = str((await store.of(execution).keep(b"x", name="a"))["$file"])
    foreign = str((await store.of(uuid4()).keep(b"x", name="a"))["$file"])
    for address in (f"{execution}/files/{foreign}", f"{execution}/files/made-up", f"{execution}/files/{mine}x"):
        answer = await client.get(f"{ROOT}/{address}")
        assert (404, "FILE_NOT_FOUND") == (answer.status_code, answer.json()["error_code"])
    answer = await client.get(f"{ROOT}/{uuid4()}/files/{mine}")
    assert (404, "EXECUTION_NOT_FOUND") == (answer.status_code, answer.json()["error_code"])
    await store.blobs.drop([execution])
    answer = await client.get(f"{ROOT}/{execution}/files/{mine}")
    assert (404, "FILE_NOT_FOUND") == (answer.status_code, answer.json()["error_code"])


async def test_without_the_key_there_is_no_file(
    client_with: Callable[..., httpx.AsyncClient], services: Services, execution: UUID
) -> None:
    """The address alone opens nothing."""
    reference = await services.files.store.of(execution).keep(b"x", name="a")
    async with client_with(signed_in=False) as client:
        answer = await client.get(f"{ROOT}/{execution}/files/{reference['$file']}")
    assert 401 == answer.status_code


@pytest.mark.parametrize("name", ['a"; filename=b', "a\\b", "%41", "日本.csv", "a;b", "a\r\nSet-Cookie: b"])
def test_no_name_breaks_out_of_its_header(name: str) -> None:
    """Two quotes around a plain name, and the whole one percent-encoded."""
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert 2 == header.count('"')
    assert header.startswith('attachment; filename="')
