"""Ids in paths, references in bodies, and what lies behind a record."""

from __future__ import annotations

from typing import Any

import pytest

from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.product import Product, Variant
from entrepot.store.records import tombstone, upsert
from entrepot.store.records_read import bodies, document_of, find, owned, raw_of, resolve
from entrepot.store.scope import Scope
from tests.store.shops import Shop, customer, shop_in


@pytest.fixture
def two(shop: Shop) -> tuple[Shop, Shop]:
    second = shop_in(shop.store, shop.scope, company_id=shop.target.company_id, ordinal=2)
    for one in (shop, second):
        with shop.store.write(one.scope) as session:
            upsert(session, one.target, [customer("a_1"), customer("a"), customer("77"), customer("gone")],
                   cause="sync")
            tombstone(session, one.target, "customer", ["gone"], cause="sync")
    return shop, second


def test_what_an_id_in_a_path_means(two: tuple[Shop, Shop]) -> None:
    shop, second = two
    company = shop.target.company_id
    with shop.store.read(shop.scope) as session:
        def uids(ident: str, **more: Any) -> list[tuple[str, int]]:
            return [(row.uid, row.connection_id) for row in find(session, "customer", ident, **more)]

        one, two_ = shop.target.connection_id, second.target.connection_id
        assert uids("a_2") == [("a", two_)]
        assert uids("a_1") == [("a", one)]
        assert uids("a_1_1") == [("a_1", one)]
        assert uids("a") == [("a", one), ("a", two_)]
        assert uids("a", connection_id=two_) == [("a", two_)]
        assert uids("a", company_id=company) == uids("a")
        assert uids("77") == []
        assert uids("9" * 40) == []
        assert uids("gone") == []
        assert len(find(session, "customer", "gone", include_deleted=True)) == 2
        row = find(session, "customer", "77_1", company)[0]
        assert uids(str(row.rootfi_id)) == [("77", one)]
        assert uids(str(row.rootfi_id), connection_id=two_) == []
        mine = owned(session, "customer", company, one, "77")
        assert mine == row
        assert raw_of(session, "customer", company, row.rootfi_id) == b'{"id":1}'
        assert document_of(session, "customer", company, row.rootfi_id) == Customer(platform_unique_id="77")
        with pytest.raises(KeyError):
            document_of(session, "customer", company, 1)
    with shop.store.read(Scope(1, 99)) as session:
        assert find(session, "customer", "a_2") == []
        assert find(session, "customer", str(row.rootfi_id)) == []


def test_bodies_for_expand(two: tuple[Shop, Shop]) -> None:
    shop, second = two
    one, other = shop.target.connection_id, second.target.connection_id
    with shop.store.read(shop.scope) as session:
        found = bodies(session, "customer", shop.target.company_id, [(one, "a"), (other, "a"), (one, "nobody")])
        older = bodies(session, "customer", shop.target.company_id, [(one, "a")], older=True)
    assert set(found) == {(one, "a"), (other, "a")}
    assert older[one, "a"].startswith(b'{"v":3')


def test_references(two: tuple[Shop, Shop]) -> None:
    shop, second = two
    company, one, other = shop.target.company_id, shop.target.connection_id, second.target.connection_id
    with shop.store.read(shop.scope) as session:
        row = owned(session, "customer", company, one, "77")
        assert row is not None

        def found(connection: int, ref: str) -> str | None:
            return resolve(session, company, connection, "customer", ref)

        assert found(one, "a_1") == "a"
        assert found(other, "a_1") == "a_1"
        assert found(other, "a_2") == "a"
        assert found(one, "77") == "77"
        assert found(one, str(row.rootfi_id)) == "77"
        assert found(other, str(row.rootfi_id)) is None
        assert found(one, "gone") is None
        assert found(one, "nobody") is None


def test_references_to_variants(shop: Shop) -> None:
    product = Product(platform_unique_id="p", variants=[
        Variant(platform_unique_id='v"1', sku="a"), Variant(platform_unique_id="2", sku="b")])
    with shop.store.write(shop.scope) as session:
        upsert(session, shop.target, [Family(Mapped(product)), Family(Mapped(Product(platform_unique_id="2")))],
               cause="sync")
    company, connection = shop.target.company_id, shop.target.connection_id
    with shop.store.read(shop.scope) as session:
        def found(ref: str) -> str | None:
            return resolve(session, company, connection, "product", ref, "variants")

        assert found('v"1') == found('v"1_1') == 'v"1'
        assert found("2") == found("2_1") == "2"
        assert product.variants[1].rootfi_id is not None
        assert found(str(product.variants[1].rootfi_id)) == "2"
        assert found("p") is None
        assert found("") is None
