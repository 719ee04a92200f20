"""Steps that use other systems, as a worker runs them: through stored connections, from start to end."""

from __future__ import annotations

from pathlib import Path

from tests.egress.test_mail import Postbox, serving
from tests.rig.connections import put_connection
from tests.rig.engine import START, Engine, node

from wingbeat.core.json_value import JsonObject


async def test_rows_go_from_a_database_into_a_mail(engine: Engine, tmp_path: Path) -> None:
    """A table is filled and read, and its rows are sent; all of it by the ids of connections alone."""
    (tmp_path / "shop.db").touch()
    box = Postbox()
    async with serving(box):
        shop = str(await put_connection(engine.database, "sql", {"dialect": "sqlite", "database": "files/shop.db"}))
        smtp: JsonObject = {"host": "127.0.0.1", "port": box.port, "security": "none", "sender": "shop@example.com"}
        mail = str(await put_connection(engine.database, "smtp", smtp))
        await engine.worker(file_roots=f"files={tmp_path}")
        workflow_id = await engine.publish(
            START,
            node("make", "action.database", connection=shop, operation="execute", sql="CREATE TABLE t (n INTEGER)"),
            node("fill", "action.database", connection=shop, operation="insert", table="t", rows=[{"n": 1}, {"n": 2}]),
            node("read", "action.database", connection=shop, sql="SELECT sum(n) AS total FROM t"),
            node(
                "tell",
                "action.email",
                connection=mail,
                to="ada@example.com",
                subject="Total {{ input.rows[0].total }}",
                text="That is all.",
            ),
            node("end", "flow.end", output="{{ input }}"),
        )
        row = await engine.ended(await engine.start(workflow_id))
    assert ("completed", ["ada@example.com"]) == (row["status"], row["final_output"]["accepted"])
    assert box.message()["Subject"] == "Total 3"
    assert box.message()["Message-ID"] == row["final_output"]["message_id"]
