"""Which addresses belong to the open internet, and what the operator may allow beyond."""

from __future__ import annotations

import pytest

from entrepot.kit.addresses import AllowPrivate, is_public

PRIVATE = (
    "127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "0.0.0.0",  # noqa: S104
    "0.1.2.3", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.255.255.255", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe",
    "::ffff:0.0.0.0", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::7f00:1", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:a00:1::", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12:3456::1", "ff02::1", "2001:db8::1",
    "localhost", "127.1", "0x7f000001", "2130706433", "", "1.2.3.4.5",
)
PUBLIC = ("8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    assert is_public(address)


def test_nothing_is_allowed_unless_said() -> None:
    for text in (None, "", " ", ",", "0", "true"):
        assert not AllowPrivate.parse(text).covers("localhost", "127.0.0.1")


def test_one_allows_everything() -> None:
    assert AllowPrivate.parse("1").covers("anything", "10.0.0.1")


def test_a_list_allows_what_it_lists() -> None:
    allow = AllowPrivate.parse("Shop.local, 127.0.0.1,[::1]")
    assert allow.covers("shop.LOCAL.", "10.0.0.7")
    assert allow.covers("localhost", "127.0.0.1")
    assert allow.covers("::1")
    assert not allow.covers("localhost", "127.0.0.2")
    assert not allow.covers("other.local", "10.0.0.7")
    assert not allow.everything
