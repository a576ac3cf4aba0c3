"""Coverage is measured: a value is changed, the row is mapped again, what moved is written down."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from entrepot.kit.installed import Installed, find_installed, load
from entrepot.kit.testing import coverage
from entrepot.kit.testing.leaves import GONE, decode_tree, leaves
from entrepot.kit.testing.otherwise import otherwise
from tests.kit.sample import MANIFEST

CONNECTOR = '''
from decimal import Decimal
import msgspec
from entrepot.errors import RowUnmappable
from entrepot.kit.spec import Connector, Family, Mapped, Stream
from entrepot.model.ecommerce.order import LineItem, Order
from entrepot.model.ecommerce.transaction import Transaction


class Line(msgspec.Struct):
    id: str
    price: Decimal


class Row(msgspec.Struct):
    id: str
    state: str
    total: Decimal
    gift: bool
    lines: list[Line]
    paid_by: str | None = None


def map_order(raw, settings):
    row = msgspec.json.decode(raw, type=Row)
    if row.state == "broken":
        raise RowUnmappable("broken")
    digits = Decimal(100) if settings["currency"] == "EUR" else Decimal(1)
    order = Order(
        platform_unique_id=row.id, currency_id=settings["currency"], total_amount=row.total / digits,
        status="delivered" if row.state == "done" else "pending", tags=["gift"] if row.gift else [],
        line_items=[LineItem(platform_unique_id=line.id, unit_amount=line.price) for line in row.lines])
    paid = [Mapped(Transaction(platform_unique_id=row.id, order_id=row.id))] if row.paid_by else []
    return Family(Mapped(order), paid)


CONNECTOR = Connector(streams=(Stream("orders", ("order", "transaction"), None, map_order),), probe=None)
'''
ROWS = """[
  {"id": "o1", "state": "new", "total": 100, "gift": false, "lines": [{"id": "l1", "price": 1.5, "note": "x"}],
   "ignored": "y", "paid_by": null},
  {"id": "o2", "state": "done", "total": 2, "gift": true, "lines": [], "paid_by": "card"}
]"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """A connector of one stream with two recorded rows."""
    folder = tmp_path / "covered_sample"
    (folder / "fixtures").mkdir(parents=True)
    (folder / "__init__.py").write_text(CONNECTOR)
    (folder / "manifest.toml").write_text(MANIFEST)
    (folder / "fixtures" / "orders_two.json").write_text(ROWS)
    (folder / "fixtures" / "settings.json").write_text('{"currency": "EUR"}')
    (folder / "fixtures" / "products.json").write_text("[1]")
    monkeypatch.syspath_prepend(str(tmp_path))
    load.cache_clear()
    yield load("covered_sample")
    sys.modules.pop("covered_sample", None)
    load.cache_clear()


def test_what_moves_what(installed: Installed) -> None:
    found = coverage.measure(installed)
    order = found["order"]
    assert order["total_amount"] == ["settings.currency", "total"]
    assert order["status"] == ["state"]
    assert order["tags"] == ["gift"]
    assert order["currency_id"] == ["settings.currency"]
    assert order["line_items[].unit_amount"] == ["lines[].price"]
    assert order["platform_unique_id"] == ["id"]
    assert found["transaction"] == {"*": ["paid_by"], "order_id": ["id"], "platform_unique_id": ["id"]}
    assert not [path for fields in found.values() for paths in fields.values() for path in paths if "ignored" in path]


def test_it_is_the_same_twice_and_survives_its_file(installed: Installed) -> None:
    found = coverage.measure(installed)
    assert coverage.text(found) == coverage.text(coverage.measure(installed))
    assert coverage.stored(installed) == {}


def test_leaves_are_put_and_restored() -> None:
    tree = decode_tree(b'{"a": {"b": [{"c": 1.50}, {"c": 2}, {"c": 3}, {"c": 4}]}, "d": []}')
    found = list(leaves(tree))
    assert [leaf.path for leaf in found] == ["a.b[].c"] * 3 + ["d"]
    for leaf in found:
        leaf.put(GONE)
        leaf.restore()
    assert tree == decode_tree(b'{"a": {"b": [{"c": 1.50}, {"c": 2}, {"c": 3}, {"c": 4}]}, "d": []}')


@pytest.mark.parametrize(("value", "among"), [
    (True, False), (3, 4), ("EUR", "JPY"), ("de", "fr"), ("12.50", "13.50"), ("2024-01-02", "2025-02-06"),
    ("2024-01-02T03:04:05Z", "2025-02-06T03:05:06Z"), (None, "other"), ("word", "wordx"), ("done", "open"),
])
def test_other_values_keep_the_kind(value: object, among: object) -> None:
    found = otherwise(value, ["open"])
    assert among in found
    assert not any(type(one) is type(value) and one == value for one in found)


def test_coverage_of_installed_connectors_is_current() -> None:
    stale = []
    for installed in find_installed().values():
        measured = coverage.measure(installed)
        ours = installed.package.startswith("entrepot.")
        if (ours and not measured) or coverage.text(measured) != coverage.text(coverage.stored(installed)):
            stale.append(f"entrepot connectors coverage {installed.manifest.id} --write")
    assert stale == []
