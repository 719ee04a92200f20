"""Allowed hosts: exactly those, and names below a wildcard."""

from __future__ import annotations

import pytest

from wingbeat.egress.hosts import is_allowed, read_pattern


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("api.example.com", "API.Example.com."),
        ("*.example.com", "api.example.com"),
        ("*.example.com", "a.b.example.com"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "::1"),
        ("[::1]", "[0:0:0:0:0:0:0:1]"),
        ("localhost", "localhost"),
        ("xn--bcher-kva.example", "bücher.example"),
    ],
)
def test_what_is_meant_is_allowed(pattern: str, host: str) -> None:
    """In any spelling of the same name or address."""
    assert is_allowed(host, [read_pattern("else.example.com"), read_pattern(pattern)])


@pytest.mark.parametrize(
    ("pattern", "host"),
    [
        ("*.example.com", "example.com"),
        ("*.example.com", "badexample.com"),
        ("*.example.com", "example.com.evil.net"),
        ("*.example.com", "evil.net/.example.com"[:8]),
        ("*.0.1", "127.0.0.1"),
        ("api.example.com", "b.api.example.com"),
        ("api.example.com", ""),
        ("127.0.0.1", "127.0.0.10"),
    ],
)
def test_what_looks_like_it_is_not(pattern: str, host: str) -> None:
    """A name that ends alike, the name above, an address under a wildcard."""
    assert not is_allowed(host, [pattern])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "*",
        "*.com",
        "*.*.example.com",
        "a.*.com",
        "https://example.com",
        "a b",
        "a/b",
        "a:80",
        "-",
        "a..b",
        "::1",
        "bücher.example",
    ],
)
def test_what_is_no_host_is_refused(text: str) -> None:
    """A pattern that would mean half the world, or nothing."""
    with pytest.raises(ValueError, match="a host is a name"):
        read_pattern(text)
