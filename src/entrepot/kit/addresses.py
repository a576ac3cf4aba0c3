"""Which network addresses a shop may have: an address inside our own network is refused unless the operator says so.

A merchant types the shop's address, so without this check anyone with an invite link could read what only this
machine can reach (databases, cloud metadata, other tenants).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")
_V4_COMPATIBLE = ipaddress.IPv6Network("::/96")
# What Python 3.11 calls global and is not meant to be reached from outside.
_REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "240.0.0.0/4", "fec0::/10", "2001::/23", "5f00::/16",
    )
)


@dataclass(frozen=True)
class AllowPrivate:
    """The operator's ENTREPOT_ALLOW_PRIVATE_HOSTS: ``1`` for everything, else a comma list of host names or addresses.

    A listed name may resolve to any private address; a listed address may be reached under any name.
    """

    everything: bool = False
    hosts: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str | None) -> AllowPrivate:
        """Read the setting; None or empty allows nothing."""
        hosts = frozenset(_bare(part) for part in (text or "").split(",") if part.strip())
        return cls(everything="1" in hosts, hosts=hosts - {"1"})

    def covers(self, host: str, address: str = "") -> bool:
        """Whether a private address may be used for that host."""
        return self.everything or _bare(host) in self.hosts or (address != "" and _bare(address) in self.hosts)


def _bare(host: str) -> str:
    return host.strip().strip("[]").rstrip(".").lower()


def is_public(address: str) -> bool:
    """Whether an address belongs to the open internet. False for anything that is no plain IP address.

    Addresses that carry an IPv4 one (mapped, compatible, NAT64, 6to4, Teredo) are judged by what they carry.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return all(_is_open(one) for one in (parsed, *_carried(parsed)))


def _carried(address: IpAddress) -> tuple[IpAddress, ...]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    if address.ipv4_mapped is not None:
        return (address.ipv4_mapped,)
    if address.sixtofour is not None:
        return (address.sixtofour,)
    if address.teredo is not None:
        return address.teredo
    if address in _NAT64 or address in _V4_COMPATIBLE or address in _NAT64_LOCAL:
        return (ipaddress.IPv4Address(int(address) & 0xFFFFFFFF),)
    return ()


def _is_open(address: IpAddress) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and (address.ipv4_mapped is not None or address in _NAT64):
        return True  # judged by the address that it carries
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_unspecified
        and not any(address.version == network.version and address in network for network in _REFUSED)
    )
