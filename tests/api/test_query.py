"""The grammar of lists: what it means, and that nothing but a Listing or an ApiError ever comes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrepot.api import v3, v4
from entrepot.api.cursor import Cursor, read_cursor, write_cursor
from entrepot.api.filters import OPERATORS, operators
from entrepot.api.query import Listing, parameters, read_list, read_plain
from entrepot.api.view import View
from entrepot.errors import ApiError

VIEWS = (*v3.VIEWS, *v4.VIEWS)


def listing(query: str, view: View = v4.ORDER) -> Listing:
    """The list that a query asks for."""
    return read_list(view, query.encode())


def status(view: View, query: bytes) -> int:
    """What a query is answered with, as far as its grammar goes; anything but an ApiError would be raised."""
    try:
        read_list(view, query)
    except ApiError as error:
        return error.status
    return 200


def refused(query: str, view: View = v4.ORDER) -> ApiError:
    """The error that a query is answered with."""
    with pytest.raises(ApiError) as caught:
        read_list(view, query.encode())
    assert caught.value.status == 400
    return caught.value


def test_nothing_asked_for() -> None:
    found = listing("")
    assert (found.limit, found.company_id, found.filters, found.order, found.cursor) == (100, None, (), None, None)
    assert not found.include_deleted
    assert not found.return_count


@pytest.mark.parametrize("query", [
    "rootfi_company_id[eq]=7", "rootfi_company_id=7", "company_id=7", "company_id[eq]=7", "rootfi_company_id[in]=7",
    "rootfi_company_id%5Beq%5D=7", "company_id=7&rootfi_company_id[eq]=7",
])
def test_one_company_in_all_its_spellings(query: str) -> None:
    found = listing(query)
    assert found.company_id == 7
    assert found.filters == ()


def test_two_companies_at_once_match_nothing_and_are_no_mistake() -> None:
    found = listing("company_id=7&rootfi_company_id[eq]=8")
    assert (found.company_id, found.filters[0].values) == (7, (8,))


@pytest.mark.parametrize(("query", "operator", "values"), [
    ("total_amount[gte]=5.50", "gte", (Decimal("5.50"),)),
    ("total_amount=5", "eq", (Decimal(5),)),
    ("status[in]=pending,%20shipped", "in", ("pending", "shipped")),
    ("status=PENDING", "eq", ("pending",)),
    ("order_number[contains]=10,1", "contains", ("10,1",)),
    ("rootfi_id[gt]=12", "gt", (12,)),
    ("status=", "eq", (None,)), ("amount_due[ne]=", "ne", (None,)), ("customer_id[eq]=", "eq", (None,)),
    ("created_at[lt]=2024-01-22T05:07:31.465Z", "lt", (datetime(2024, 1, 22, 5, 7, 31, 465_000, tzinfo=UTC),)),
    ("created_at[lt]=2024-01-22T07:07:31+02:00", "lt", (datetime(2024, 1, 22, 5, 7, 31, tzinfo=UTC),)),
    ("created_at[lt]=2024-01-22T07:07:31%2B02:00", "lt", (datetime(2024, 1, 22, 5, 7, 31, tzinfo=UTC),)),
    ("created_at[lt]=2024-01-22", "lt", (datetime(2024, 1, 22, tzinfo=UTC),)),
])
def test_filters(query: str, operator: str, values: tuple[object, ...]) -> None:
    one = listing(f"company_id=1&{query}").filters[0]
    assert (one.operator, one.values) == (operator, values)


def test_v3_words_stand_for_all_that_they_hide() -> None:
    one = listing("company_id=1&status=UNKNOWN", v3.CUSTOMER).filters[0]
    assert set(one.values) == {"inactive", "suspended", "unknown"}


def test_order_select_expand() -> None:
    found = listing("company_id=1&sort[total_amount]=desc&select=raw_data,data_hash&expand=customer_id,line_items"
                    "&expand=addresses&include_deleted_records=true&return_count=TRUE&limit=1000")
    assert found.order is not None
    assert found.order.mark == "total_amount:DESC"
    assert (found.extras.raw, found.extras.hash, found.extras.fragment) == (True, True, False)
    assert [one.key for one in found.extras.expansions] == ["customer"]
    assert (found.include_deleted, found.return_count, found.limit) == (True, True, 1000)
    assert listing("expand=line_items", v3.ORDER).extras.fragment


@pytest.mark.parametrize(("query", "field"), [
    ("limit=0", "limit"), ("limit=1001", "limit"), ("limit=-1", "limit"), ("limit=ten", "limit"),
    ("limit=1.5", "limit"), ("limit=%D9%A1", "limit"), ("next=nonsense", "next"), ("prev=%%%", "prev"),
    ("colour=red", "colour"), ("colour[eq]=red", "colour"), ("total_amount[like]=5&company_id=1", "total_amount"),
    ("total_amount[eq]=five&company_id=1", "total_amount"), ("total_amount[contains]=5&company_id=1", "total_amount"),
    ("status=gone&company_id=1", "status"), ("status[gt]=pending&company_id=1", "status"),
    ("customer_id[gt]=1&company_id=1", "customer_id"), ("created_at[lt]=soon&company_id=1", "created_at"),
    ("rootfi_id=x", "rootfi_id"), ("rootfi_id=99999999999999999999", "rootfi_id"), ("rootfi_id=1.5", "rootfi_id"),
    ("sort[colour]=ASC", "sort[colour]"), ("sort[total_amount]=UP&company_id=1", "sort[total_amount]"),
    ("sort[total_amount]=ASC&sort[rootfi_id]=ASC&company_id=1", "sort[rootfi_id]"), ("select=everything", "select"),
    ("expand=nothing", "expand"), ("include_deleted_records=maybe", "include_deleted_records"),
    ("return_count=2", "return_count"), ("company_id=acme", "company_id"), ("limit=5&limit=6", "limit"),
    ("connection_id=x", "connection_id"), ("line_items=5&company_id=1", "line_items"),
    (f"next={write_cursor(Cursor(5))}&prev={write_cursor(Cursor(5))}", "prev"),
    (f"company_id=1&sort[total_amount]=ASC&next={write_cursor(Cursor(5))}", "next"),
    (f"company_id=1&sort[total_amount]=ASC&next={write_cursor(Cursor(5, 'total_amount:ASC', 'text'))}", "next"),
    (f"next={write_cursor(Cursor(2**60))}", "next"), (f"status[in]={'pending,' * 201}&company_id=1", "status"),
])
def test_what_is_wrong_is_named(query: str, field: str) -> None:
    error = refused(query)
    assert (error.code, error.field) == ("invalid-params", field)


@pytest.mark.parametrize(("query", "hint"), [
    ("sort=total_amount", "sort[field]"), ("offset=10", "next"), ("rootfi_updated_at_gte=2024-01-01",
                                                                 "rootfi_updated_at[gte]"),
])
def test_what_other_apis_call_it_is_translated(query: str, hint: str) -> None:
    assert hint in refused(query).message


@pytest.mark.parametrize("query", [
    "status=pending", "rootfi_updated_at[gte]=2024-01-01", "sort[rootfi_updated_at]=ASC", "customer_id=x",
    "platform_unique_id=x", "rootfi_company_id[in]=1,2",
])
def test_what_no_index_serves_needs_a_company(query: str) -> None:
    error = refused(query)
    assert (error.code, error.field) == ("missing-params", "rootfi_company_id")


@pytest.mark.parametrize("query", ["rootfi_id[gt]=5", "sort[rootfi_id]=DESC", "rootfi_id[in]=5,6", "limit=1"])
def test_ids_need_none(query: str) -> None:
    assert listing(query).company_id is None


def test_too_many_parameters_or_no_text() -> None:
    assert refused("&".join("limit=1" for _ in range(200))).code == "invalid-params"
    assert refused("limit=%FF").code == "invalid-params"


@given(st.integers(0, 2**53 - 1), st.none() | st.text(max_size=20), st.none() | st.integers(-(2**63), 2**63 - 1)
       | st.text(max_size=50))
def test_cursors_come_back(ident: int, sort: str | None, value: int | str | None) -> None:
    text = write_cursor(Cursor(ident, sort, value))
    assert quote(text, safe="=") == text
    for sent in (text, text.rstrip("="), text.replace("-", "+").replace("_", "/")):
        assert read_cursor(sent, "next", sort) == Cursor(ident, sort, value)


def test_the_documented_cursor() -> None:
    assert read_cursor("eyJyb290ZmlfaWQiOjQ0MDA2MX0=", "next", None) == Cursor(440061)
    assert write_cursor(Cursor(440061)) == "eyJyb290ZmlfaWQiOjQ0MDA2MX0="


def test_every_comparable_field_has_operators() -> None:
    for view in VIEWS:
        for on in view.comparables.values():
            assert on.kind in OPERATORS
            assert operators(on)


NAMES = sorted({name for view in VIEWS for name in view.comparables}
               | {"limit", "next", "prev", "select", "expand", "sort", "return_count", "company_id", "platform_id"})
PART = st.sampled_from([*NAMES, "eq", "in", "gt", "contains", "ASC", "true", "1", "2024-01-01"]) | st.text(max_size=8)


@given(st.sampled_from(VIEWS), st.lists(st.tuples(PART, st.none() | PART, PART), max_size=5), st.booleans())
def test_anything_is_a_listing_or_an_api_error(
    view: View, parts: list[tuple[str, str | None, str]], with_company: bool,
) -> None:
    pairs = [f"{quote(name)}{'' if inner is None else f'[{quote(inner)}]'}={quote(value)}"
             for name, inner, value in parts]
    query = "&".join([*pairs, *(["rootfi_company_id[eq]=1"] if with_company else [])])
    assert status(view, query.encode()) in (200, 400)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_listing_or_an_api_error(query: bytes) -> None:
    assert status(v4.ORDER, query) in (200, 400)


def test_no_plain_parameter_holds_a_nul() -> None:
    assert read_plain(parameters(b"kind=%01a"), frozenset({"kind"})) == {"kind": "\x01a"}
    with pytest.raises(ApiError, match="kind"):
        read_plain(parameters(b"kind=a%00b"), frozenset({"kind"}))
