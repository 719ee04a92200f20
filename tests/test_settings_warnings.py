"""What is worth a thought in settings that can be used."""

from __future__ import annotations

import pytest

from wingbeat.settings import DEFAULT_KEY, load_settings
from wingbeat.settings_warnings import GENEROUS, doubts_about

LONG_KEY = "k" * 32


def doubts(**environ: str) -> list[str]:
    """The variables that are worth a thought."""
    return [doubt.name for doubt in doubts_about(load_settings(environ), environ)]


def test_what_most_installations_have_is_no_reason_for_doubt() -> None:
    """Neither the defaults on somebody's own machine nor a release with good keys."""
    assert [] == doubts()
    keys = {"SECRET_KEY": LONG_KEY, "API_KEY": "o" * 32}
    assert [] == doubts(RELEASE_MODE="true", BIND_HOST="0.0.0.0", PUBLIC_URL="https://a.example", **keys)  # noqa: S104


@pytest.mark.parametrize("name", ["SECRET_KEY", "API_KEY"])
def test_the_well_known_key_and_short_ones_are_told(name: str) -> None:
    """Where RELEASE_MODE does not refuse them."""
    assert [name] == doubts(**{name: DEFAULT_KEY})
    assert [name] == doubts(**{name: "k" * 31})
    assert [] == doubts(**{name: LONG_KEY})


@pytest.mark.parametrize(
    "sign",
    [
        {"BIND_HOST": "0.0.0.0", "API_KEY": LONG_KEY},  # noqa: S104
        {"PUBLIC_URL": "https://flows.example"},
        {"KUBERNETES_SERVICE_HOST": "10.0.0.1"},
    ],
    ids=["address", "public", "kubernetes"],
)
def test_what_looks_like_a_real_installation_should_be_one(sign: dict[str, str]) -> None:
    """Without RELEASE_MODE, weak keys would be let pass there."""
    assert ["RELEASE_MODE"] == doubts(**sign)


@pytest.mark.parametrize("name", GENEROUS)
def test_a_limit_that_limits_nothing_is_told(name: str) -> None:
    """One step beyond what is usual at most."""
    cap = {"workflow_timeout_seconds": "MAX_TIMEOUT_SECONDS_CAP"}.get(name, f"{name.upper()}_CAP")
    caps = {cap: "1000000000" if "seconds" not in name else "31536000"} if name.startswith(("max_", "work")) else {}
    assert [] == doubts(**{name.upper(): str(GENEROUS[name])}, **caps)
    assert [name.upper()] == doubts(**{name.upper(): str(GENEROUS[name] + 1)}, **caps)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_ALLOW_PRIVATE_ADDRESSES", "true"),
        ("EGRESS_ALLOWED_NETWORKS", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "::/0"),
        ("GRPC_PORT", "50070"),
        ("LICENSE_SERVER_URL", "https://licences.example"),
        ("READ_REPLICA_URIS", "postgresql://a/b"),
    ],
)
def test_what_opens_everything_or_does_nothing_is_told(name: str, value: str) -> None:
    """By its name."""
    assert [name] == doubts(**{name: value})
