"""Secrets go in everywhere and come out nowhere: not in answers, not in errors, not in logs, not in the database."""

from __future__ import annotations

import io
import logging
from collections.abc import Awaitable, Callable, Iterator

import httpx
import pytest
import structlog
from tests.api.conftest import SERVICE_KEY
from tests.rig.connections import dump
from tests.rig.harvest import Harvest, read_everything, use_accounts, use_connections, use_credentials, use_webhooks
from tests.rig.planted import find

from wingbeat.storage.pool import Database

Publish = Callable[..., Awaitable[str]]


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that is logged, of whatever importance, as a service writes it."""
    text = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(default=str),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=structlog.WriteLoggerFactory(text),
        cache_logger_on_first_use=False,
    )
    # Of what libraries say, a service keeps what is from warnings up (`cli.logs`).
    handler = logging.StreamHandler(text)
    handler.setLevel(logging.WARNING)
    logging.getLogger().addHandler(handler)
    yield text
    logging.getLogger().removeHandler(handler)
    structlog.configure(**before)


async def test_no_secret_comes_out(
    client: httpx.AsyncClient, database: Database, publish: Publish, logged: io.StringIO
) -> None:
    """In no spelling, as a whole or in part, wherever it was planted."""
    harvest = Harvest(client)
    harvest.planted["the service's key"] = SERVICE_KEY
    await use_connections(harvest)
    await use_webhooks(harvest, await publish())
    await use_accounts(harvest)
    await use_credentials(harvest)
    await read_everything(harvest)
    assert len(harvest.planted) > 25
    found = find(
        harvest.planted,
        {"answers": harvest.answers, "logs": [logged.getvalue()], "database": [await dump(database)]},
    )
    assert [] == found
