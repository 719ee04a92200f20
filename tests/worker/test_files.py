"""Files on their way through executions: downloaded, passed on, written to a folder, and gone with their execution."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.egress.test_http import serving, with_body
from tests.rig.engine import START, Engine, node

from wingbeat.storage.blobs import Blobs
from wingbeat.storage.identifiers import lowest_id

ROWS = b"sku,price\r\na-1,5\r\na-2,7\r\n"


async def test_a_file_passes_through_an_execution(engine: Engine, tmp_path: Path) -> None:
    """From a server to a folder as a reference, and as a value where its rows are wanted."""
    root = tmp_path / "inbox"
    root.mkdir()
    await engine.worker(file_roots=f"inbox={root}")
    answer = with_body(ROWS, "Content-Type: text/csv", 'Content-Disposition: attachment; filename="may.csv"')
    async with serving(answer) as server:
        url = f"http://127.0.0.1:{server.port}/"
        workflow = await engine.publish(
            START,
            node("get", "action.http_request", url=url, response="file", extract="response.body"),
            node("put", "action.file", operation="write", folder="inbox", path="a/may.csv", content="{{ input }}"),
            node(
                "send",
                "action.http_request",
                url=url,
                method="POST",
                body_format="multipart",
                body={"f": "{{ nodes.get }}"},
            ),
            node("rows", "action.file", operation="parse", content="{{ nodes.get }}"),
        )
        execution = await engine.start(workflow)
        ended = await engine.ended(execution)
    assert ("completed", [{"sku": "a-1", "price": "5"}, {"sku": "a-2", "price": "7"}]) == (
        ended["status"],
        ended["final_output"],
    )
    assert ROWS == (root / "a" / "may.csv").read_bytes()
    assert b'filename="may.csv"\r\nContent-Type: text/csv\r\n\r\n' + ROWS in server.bodies[1]


async def test_a_file_of_one_execution_can_be_read_by_another(engine: Engine) -> None:
    """Whoever is given the reference may read it; what was made up is refused."""
    await engine.worker()
    making = await engine.publish(START, node("make", "action.file", operation="make", name="a.json", content=[1, 2]))
    made = (await engine.ended(await engine.start(making)))["final_output"]
    reading = await engine.publish(START, node("read", "action.file", operation="parse", content="{{ trigger }}"))
    assert [1, 2] == (await engine.ended(await engine.start(reading, made)))["final_output"]
    forged = {**made, "size": 1}
    failed = await engine.ended(await engine.start(reading, forged))
    assert ("failed", "FILE_REFERENCE_INVALID") == (failed["status"], failed["error"]["code"])


async def test_a_file_lies_among_the_blobs_of_its_execution(engine: Engine) -> None:
    """So that it goes with them; a reference that is kept for longer says what happened."""
    await engine.worker()
    making = await engine.publish(START, node("make", "action.file", operation="make", name="a.json", content=[1]))
    execution = await engine.start(making)
    made = (await engine.ended(execution))["final_output"]
    blobs = Blobs(engine.settings().blob_url)
    after = (await engine.row(execution))["start_time"] + timedelta(days=1)
    assert [execution] == await blobs.list_owners(lowest_id(after))
    await blobs.drop([execution])
    reading = await engine.publish(START, node("read", "action.file", operation="parse", content="{{ trigger }}"))
    failed = await engine.ended(await engine.start(reading, made))
    assert ("failed", "FILE_GONE") == (failed["status"], failed["error"]["code"])
