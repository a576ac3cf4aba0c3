"""Whatever is sent, no answer is a crash: 2xx, or an error with the four fields."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from entrepot.api import v3, v4
from tests.end_to_end.client import Answer
from tests.end_to_end.house import Company, House

BOUNDED = settings(max_examples=250, deadline=None, derandomize=True,
                   suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
VIEWS = [("v3", view) for view in v3.VIEWS] + [("v4", view) for view in v4.VIEWS]
NAMES = sorted({name for _, view in VIEWS for name in view.comparables})
PLAIN = ["limit", "next", "prev", "select", "expand", "sort", "return_count", "include_deleted_records", "company_id",
         "connection_id", "platform_id", "run_async"]
OPERATORS = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "contains"]
ODD = st.sampled_from([
    "", "0", "-1", "1e999", "NaN", "Infinity", "9" * 30, "1.5", "true", "null", "ASC", "DESC", "raw_data,data_hash",
    "2024-01-01", "2024-01-01T00:00:00 02:00", "0001-01-01", "9999-12-31T23:59:59.999999-23:59", "%", "\x00", "'", "\\",
    "a_1", "_1", "1_", "é" * 300, ",,,", "ord_1,ord_2", "\ud7ff", "pending", "EUR",
])
CURSOR = st.builds(
    lambda ident, sort, value: base64.urlsafe_b64encode(json.dumps(
        {"rootfi_id": ident, "sort": sort, "value": value}).encode()).decode(),
    st.integers(-5, 2**70), st.none() | st.sampled_from([f"{name}:{way}" for name in NAMES for way in ("ASC", "DESC")]),
    st.none() | st.integers(-(2**70), 2**70) | st.booleans() | st.text(max_size=5) | st.floats(allow_nan=False))
VALUE = ODD | CURSOR | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
FIELD = st.sampled_from(NAMES)
PAIR = (st.tuples(st.sampled_from(PLAIN), VALUE)
        | st.tuples(st.builds("{}[{}]".format, FIELD, st.sampled_from(OPERATORS)), VALUE)
        | st.tuples(st.builds("sort[{}]".format, FIELD), st.sampled_from(["ASC", "DESC"]) | VALUE)
        | st.tuples(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), VALUE))
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=True) | ODD | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["name", "id", "item_id", "quantity", "street", "number", "platform_id", "rootfi_id"]) | st.text(max_size=4),
        inner, max_size=4), max_leaves=8)


def well(answer: Answer, what: object) -> None:
    """The answer is one that the documents know."""
    assert answer.status in (200, 202, 400, 404, 405, 413, 415), (what, answer.status, answer.body)
    if answer.status >= 400:
        error = answer.error(answer.status)
        assert error["code"]
        assert error["message"]
        assert "Traceback" not in error["message"]


def query_of(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in pairs)


@pytest.fixture(scope="module")
def scratch(house: House) -> Company:
    """A company that may be left in any state."""
    return house.synced(40)


@BOUNDED
@given(st.sampled_from(VIEWS), st.lists(PAIR, max_size=5), st.booleans())
def test_any_list(house: House, reading: Company, chosen: Any, pairs: list[tuple[str, str]], scoped: bool) -> None:
    version, view = chosen
    known = [*pairs, ("company_id", str(reading.ident))] if scoped and "company_id" not in dict(pairs) else pairs
    path = f"/{version}/ecommerce/{view.path}?{query_of(known)}"
    well(house.client.send("GET", path), path)


@BOUNDED
@given(st.sampled_from(VIEWS), VALUE, st.lists(PAIR, max_size=2))
def test_any_single_record(house: House, chosen: Any, ident: str, pairs: list[tuple[str, str]]) -> None:
    version, view = chosen
    path = f"/{version}/ecommerce/{view.path}/{quote(ident, safe='')}?{query_of(pairs)}"
    well(house.client.send("GET", path), path)


@BOUNDED
@given(st.data())
def test_any_write(house: House, scratch: Company, data: st.DataObject) -> None:
    version, view = data.draw(st.sampled_from([(version, view) for version, view in VIEWS if view.writes]))
    names = st.sampled_from([*view.inputs, *(one.name for one in view.given), "raw_data"])
    record = data.draw(st.dictionaries(names, JSON, max_size=5) | JSON)
    body = {"company_id": scratch.ident, "data": [record], **data.draw(st.dictionaries(
        st.sampled_from(["company_id", "connection_id", "run_async", "data", "x"]), JSON, max_size=1))}
    path = f"/{version}/ecommerce/{view.path}"
    text = json.dumps(body).encode("utf-8", "surrogatepass")
    if "update" in view.writes and data.draw(st.booleans()):
        ident = house.client.get(path, company_id=scratch.ident, limit=1)["data"][0]["rootfi_id"]
        well(house.client.send("PUT", f"{path}/{ident}", text), text)
    elif "create" in view.writes:
        well(house.client.send("POST", path, text), text)


CORE = [("POST", "/v3/core/invite_links"), ("POST", "/v4/core/connections"), ("POST", "/v3/core/syncs")]
WORDS = ["company_id", "integration_type", "credentials", "data_models_to_sync", "full_sync", "company_name",
         "integration_categories", "integrations", "sync_config", "connection_id"]


@BOUNDED
@given(st.sampled_from(CORE), st.dictionaries(st.sampled_from(WORDS), JSON, max_size=4) | JSON)
def test_any_call_of_the_core(house: House, chosen: tuple[str, str], body: Any) -> None:
    method, path = chosen
    well(house.client.send(method, path, json.dumps(body).encode("utf-8", "surrogatepass")), body)


@pytest.mark.parametrize("path", [
    "/v3/core/companies", "/v3/core/invite_links", "/v3/core/syncs", "/v4/core/syncs/jobs/x",
    "/v3/core/companies/99999999999999999999", "/v3/core/syncs/%00", "/v3/core/invite_links/%F0%9F%98%80",
    "/v4/ecommerce/orders/%2e%2e", "/v4/ecommerce/orders/" + "x" * 5000, "/%00", "//", "/v4/ecommerce/orders/1/2",
    "/v4/ecommerce/orders?%ff=%ff", "/v4/ecommerce/orders?" + "limit=1&" * 500, "/v4/ecommerce/orders?" + "x" * 60_000,
])
@pytest.mark.parametrize("query", ["", "limit=x", "next=%00", "status=GONE", "expand=a,b"])
def test_odd_paths(house: House, path: str, query: str) -> None:
    answer = house.client.send("GET", path + ("&" if "?" in path else "?") + query)
    well(answer, path)


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 50_000, b'{"data":' * 20_000, b"1" * 5000,
    b'{"company_name": "\\u0000", "integration_categories": ["ECOMMERCE"]}', b'{"integration_type": "\\ud800"}',
])
def test_bodies_that_are_no_json(house: House, body: bytes) -> None:
    for path in ("/v4/ecommerce/orders", "/v3/core/syncs", "/v4/core/connections"):
        well(house.client.send("POST", path, body), body[:50])
