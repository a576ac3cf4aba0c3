"""No id, path or link leads off the connection's origin."""

from __future__ import annotations

import pytest

from entrepot.errors import Rejected
from entrepot.kit.urls import link_target, path_of, query_of, target_of

ORIGIN = "https://shop.example"


def test_segments_are_quoted_whole() -> None:
    assert path_of("orders", "a/../b?x=1#y", 7) == "/orders/a%2F..%2Fb%3Fx%3D1%23y/7"
    for bad in ("", ".", ".."):
        with pytest.raises(Rejected):
            path_of("orders", bad)


def test_queries() -> None:
    assert query_of({"a": 1, "status[]": ["x", "y z"], "updated_at[$gte]": "2024-01-01T00:00:00+01:00"}) == (
        "?a=1&status%5B%5D=x&status%5B%5D=y%20z&updated_at%5B%24gte%5D=2024-01-01T00%3A00%3A00%2B01%3A00")
    assert query_of({"flag": True, "none": []}) == "?flag=true"
    assert query_of({}) == query_of(None) == query_of({"none": []}) == ""


@pytest.mark.parametrize(("path", "target"), [
    ("/orders", "/api/orders"), ("orders", "/api/orders"), ("//evil.example/x", "/api//evil.example/x"),
    ("@evil.example", "/api/@evil.example"), ("/a b?c#d", "/api/a%20b%3Fc%23d"), ("/a%20b", "/api/a%20b"),
    ("https://shop.example/api/orders?page=2", "/api/orders?page=2"), ("https://SHOP.example:443", "/"),
])
def test_paths_stay_below_the_origin(path: str, target: str) -> None:
    assert target_of(ORIGIN, "/api", path, None) == target


@pytest.mark.parametrize("path", [
    "/../admin", "/a/%2e%2e/b", "/a/..", "/./x", "http://shop.example/api", "https://evil.example/",
    "https://shop.example:8443/", "https://shop.example@evil.example/", "https://u:p@shop.example/",
    "https://shop.example.evil.example/", "https://evil.example\\@shop.example/", "https://[::1",
])
def test_paths_that_leave_are_refused(path: str) -> None:
    with pytest.raises(Rejected):
        target_of(ORIGIN, "/api", path, None)


def test_a_link_takes_no_parameters() -> None:
    with pytest.raises(Rejected, match="no parameters"):
        target_of(ORIGIN, "/api", "https://shop.example/x", {"a": 1})


def test_links_with_ports_and_addresses() -> None:
    assert link_target("http://[::1]:9000", "http://[::1]:9000/x?y=[1]") == "/x?y=%5B1%5D"
    assert link_target("http://[::1]:9000", "http://[::1]/x") is None
