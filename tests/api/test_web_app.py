"""The page of the web app and its files, as a browser gets them."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from wingbeat.api.app import ApiOptions, Services, create_app
from wingbeat.api.web_app import NONCE

PAGE = f'<meta name="csp-nonce" content="{NONCE}"><script type="module" src="/assets/app-1.js"></script>'


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A small build."""
    assets = tmp_path / "assets"
    assets.mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "wings.svg").write_text("<svg/>")
    (tmp_path / "secret.txt").write_text("not an asset")
    (assets / "app-1.js").write_text("plain")
    (assets / "app-1.js.gz").write_bytes(b"packed")
    return tmp_path


def browser(services: Services, folder: Path) -> httpx.AsyncClient:
    """Somebody whom nobody knows yet."""
    app = create_app(services, ApiOptions(version="1", web_app=folder))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


async def test_every_place_is_the_one_page_under_a_policy_of_its_own(services: Services, built: Path) -> None:
    """No script within a page, no markup from strings, and styles only with this answer's nonce."""
    nonces = set()
    async with browser(services, built) as visitor:
        for path in ("/", "/workflows", "/workflows/some-id/versions?at=3", "/executions/x", "/admin/health"):
            answer = await visitor.get(path)
            assert 200 == answer.status_code
            policy = answer.headers["content-security-policy"]
            assert "script-src 'self';" in policy
            assert "require-trusted-types-for 'script'" in policy
            assert "frame-ancestors 'none'" in policy
            found = re.search(r"'nonce-([\w-]{20,})'", policy)
            assert found is not None
            assert f'content="{found[1]}"' in answer.text
            nonces.add(found[1])
    assert 5 == len(nonces)


async def test_files_are_packed_for_whoever_takes_that_and_kept_for_ever(services: Services, built: Path) -> None:
    """The type is that of what is packed."""
    async with browser(services, built) as visitor:
        packed = await visitor.send(
            visitor.build_request("GET", "/assets/app-1.js", headers={"Accept-Encoding": "br, gzip"}), stream=True
        )
        assert b"packed" == b"".join([part async for part in packed.aiter_raw()])
        assert "gzip" == packed.headers["content-encoding"]
        assert packed.headers["content-type"].startswith("text/javascript")
        assert "immutable" in packed.headers["cache-control"]
        plain = await visitor.get("/assets/app-1.js", headers={"Accept-Encoding": "identity"})
        assert "plain" == plain.text
        assert "image/svg+xml" == (await visitor.get("/wings.svg")).headers["content-type"]


@pytest.mark.parametrize(
    "path", ["/assets/app-2.js", "/assets/..%2fsecret.txt", "/assets/%2e%2e", "/secret.txt", "/scheme.js", "/nowhere"]
)
async def test_what_is_no_file_of_the_app_is_not_there(services: Services, built: Path, path: str) -> None:
    """Nothing else of the folder, nor of any other, can be asked for."""
    async with browser(services, built) as visitor:
        assert 404 == (await visitor.get(path)).status_code


async def test_a_checkout_without_the_app_says_how_to_build_it(services: Services, tmp_path: Path) -> None:
    """The API works all the same."""
    async with browser(services, tmp_path / "empty") as visitor:
        answer = await visitor.get("/")
        assert 503 == answer.status_code
        assert "ui/build.py" in answer.text
