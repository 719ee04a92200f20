"""Which addresses a workflow may reach."""

from __future__ import annotations

import ipaddress

import pytest

from wingbeat.core.errors import StepError
from wingbeat.egress.addresses import Addresses, is_public

PRIVATE = [
    "0.0.0.0",  # noqa: S104 - refused, not bound
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.170",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "100::1",
    "2001:0:7f00:1::",
    "2001:0:808:808:0:0:80ff:fffe",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_special_addresses_are_not_public(address: str) -> None:
    """Own, local, shared, reserved, documentation, multicast and metadata addresses, however they are wrapped."""
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_others_are(address: str) -> None:
    """The public internet, wrapped or not."""
    assert is_public(ipaddress.ip_address(address))


async def test_networks_and_names_of_ones_own_can_be_permitted() -> None:
    """Those that are listed, and no others."""
    known = {"db.internal": ["10.1.2.3"], "other.internal": ["10.1.2.3", "10.9.9.9"], "named.internal": ["192.168.5.5"]}

    async def resolve(host: str, _port: int) -> list[str]:
        return known.get(host, [host])

    addresses = Addresses(allowed=("10.1.0.0/16", "fd00::/8", "named.internal"), resolve=resolve)
    for host, address in (
        ("db.internal", "10.1.2.3"),
        ("NAMED.internal.", "192.168.5.5"),
        ("fd00::1", "fd00::1"),
        ("[fd00::1]", "fd00::1"),
        ("8.8.8.8", "8.8.8.8"),
    ):
        known.setdefault(host, known.get(host.lower().rstrip("."), [host]))
        assert str(await addresses.resolve_checked(host, 5432)) == address
    for host in ("other.internal", "10.2.0.1", "127.0.0.1", "192.168.5.5", "::ffff:10.2.0.1", "169.254.169.254"):
        with pytest.raises(StepError) as caught:
            await addresses.resolve_checked(host, 5432)
        assert caught.value.code == "EGRESS_ADDRESS_REFUSED"
        assert "EGRESS_ALLOWED_NETWORKS" in caught.value.remedy
