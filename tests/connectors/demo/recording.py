"""Records the demo connector's fixtures from the demo shop, and what they cover.

    PYTHONPATH=src python -m tests.connectors.demo.recording
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from entrepot.kit.installed import load
from entrepot.kit.testing.coverage import FILE, measure, text
from entrepot_simulators.demo.orders import Orders
from entrepot_simulators.demo.reading import shop_info, wallets
from entrepot_simulators.demo.settings import Settings
from entrepot_simulators.demo.shop import Shop

PACKAGE = Path(__file__).parents[3] / "src" / "entrepot" / "connectors" / "demo"
FOLDER = PACKAGE / "fixtures"
NOW = 1_790_000_000_000
SETTINGS = {"currency": "EUR", "sells_in": "EUR,USD,GBP,SEK,JPY,KWD,INR,CAD,AUD,CHF", "shop_name": "Harbour & Hearth"}


class _Look(msgspec.Struct):
    state: str
    money: str
    buyer_id: str | None
    coupons: list[msgspec.Raw]


def recorded(home: Path) -> dict[str, bytes]:
    """File name to content, the same on every machine and day."""
    shop = Shop(home, Settings(orders=600), clock=lambda: NOW)
    files: dict[str, Sequence[bytes | msgspec.Raw]] = {
        "company_info.json": [shop_info(shop).body],
        "balances.json": msgspec.json.decode(wallets(shop).body, type=_Wallets).results,
        "customers.json": [shop.buyers.shown(index, NOW) for index in (0, 3, 5, 36, 60, 82)],
        "products.json": [shop.catalogue.shown(index, NOW) for index in (0, 1, 5, 16, 28, 52)],
        "inventory.json": [shop.stock.shown(index, NOW) for index in range(0, 60, 6)],
        "orders.json": list(_different(shop.orders)),
        "orders_edited.json": [_edited(shop)],
    }
    return {"settings.json": _text(SETTINGS)} | {
        name: _text([msgspec.Raw(bytes(row)) for row in rows]) for name, rows in files.items()}


class _Wallets(msgspec.Struct):
    results: list[msgspec.Raw]


def _different(orders: Orders) -> Iterator[bytes]:
    """The shortest order of each kind: state and money, one of a guest, one with a coupon."""
    found: dict[tuple[str, ...], bytes] = {}
    for index in range(600):
        raw = orders.shown(index, NOW)
        look = msgspec.json.decode(raw, type=_Look)
        kinds = [(look.state, look.money)]
        kinds += [("guest", "")] * (look.buyer_id is None) + [("coupon", "")] * bool(look.coupons)
        for kind in kinds:
            if len(raw) < len(found.get(kind, raw + b" ")):
                found[kind] = raw
    return iter(dict.fromkeys(found.values()))


def _edited(shop: Shop) -> bytes:
    raw = shop.orders.shown(1, NOW)
    for plain, told in (
        (b'"remark":null', '"remark":"Für Oma"'), (b'"reference":null', '"reference":"PO 7"'),
        (b'"role":"billing"', '"id":"adr_1","quarter":"Hafen","role":"billing"'),
    ):
        raw = raw.replace(plain, told.encode(), 1)
    return raw


def _text(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def main() -> None:
    """Write everything anew."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as home:
        for name, content in recorded(Path(home)).items():
            (FOLDER / name).write_bytes(content)
    (PACKAGE / FILE).write_text(text(measure(load("entrepot.connectors.demo"))), encoding="utf-8")


if __name__ == "__main__":
    main()
