"""A whole API over a small database: one company with one shop, and a way to call it as a server would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec
from litestar.types import ASGIApp

from entrepot.api import examples
from entrepot.api.application import create_api
from entrepot.api.renderer import RENDERERS
from entrepot.engine.context import Engine
from entrepot.jobs.worker import Worker
from entrepot.kit.addresses import AllowPrivate
from entrepot.kit.connection import Kit
from entrepot.kit.spec import Family, Mapped
from entrepot.model.ecommerce.customer import Customer
from entrepot.model.ecommerce.fulfillment import Fulfillment
from entrepot.model.ecommerce.order import Order
from entrepot.model.ecommerce.transaction import Transaction
from entrepot.settings import load
from entrepot.store import companies, connections, keys
from entrepot.store.migrate import migrate
from entrepot.store.records import Target, upsert
from entrepot.store.scope import SYSTEM, Scope
from entrepot.store.store import Store
from entrepot.vault import api_keys
from entrepot.vault.vault import Vault

KEY = "a-key-for-tests"
READ_ONLY = "a-key-that-reads"
AT = datetime(2024, 1, 22, 5, 7, 31, 465_000, tzinfo=UTC)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, decimals exact."""
        return json.loads(self.body, parse_float=Decimal)

    def error(self) -> dict[str, Any]:
        """The one error body's inside, its shape checked."""
        whole = self.json()
        assert list(whole) == ["error"]
        assert list(whole["error"]) == ["code", "message", "field", "platform_error"]
        found: dict[str, Any] = whole["error"]
        return found


@dataclass(frozen=True)
class House:
    """The application and what it stands on."""

    app: ASGIApp
    engine: Engine
    scope: Scope
    target: Target

    @property
    def company(self) -> int:
        """The company with the shop."""
        return self.target.company_id

    async def call(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request, straight into the application. ``body`` is encoded unless it is bytes."""
        raw = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
        given = {"api_key": KEY, **({"content-type": "application/json"} if body is not None else {})} \
            if headers is None else headers
        if raw:
            given = {**given, "content-length": str(len(raw))}
        plain, _, query = path.partition("?")
        sent: list[Any] = []

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope: Any = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method,
            "path": unquote(plain), "raw_path": plain.encode(), "root_path": "", "scheme": "http",
            "query_string": query.encode(), "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
            "headers": [(name.lower().encode(), value.encode()) for name, value in given.items()],
        }
        await self.app(scope, receive, send)  # type: ignore[arg-type]
        found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))

    def put(self, families: Sequence[Family], target: Target | None = None) -> None:
        """Store records as a sync would."""
        with self.engine.store.write(SYSTEM) as session:
            upsert(session, target or self.target, families, cause="sync")


def build(url: str, home: Path) -> House:
    """An empty house on a fresh database."""
    migrate(url)
    store = Store.open(url, RENDERERS)
    engine = Engine(
        store=store, vault=Vault.load(home, None), kit=Kit({}, allow_private=AllowPrivate.parse(""), home=home),
        installed={}, settings=load({}, home=home), worker=Worker(store, owner="tests", handlers={}))
    with store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
        for text, scopes in ((KEY, ("read", "write", "passthrough", "admin", "credentials")), (READ_ONLY, ("read",))):
            keys.create(session, scope, text, api_keys.shown(text), api_keys.digest(text), scopes)
    return House(create_api(engine), engine, scope, shop(store, scope, None))


def shop(store: Store, scope: Scope, company_id: int | None) -> Target:
    """A connection of a company, and a company for it where none is given."""
    with store.write(scope) as session:
        company = company_id if company_id is not None else companies.create(session, scope, "Acme").id
        one = connections.create(session, scope, company, "EXAMPLE", "ECOMMERCE", {})
    return Target(environment_id=scope.environment_id, company_id=company, connection_id=one.id, ordinal=one.ordinal,
                  stream="orders", mapping_version=1)


def orders(number: int, *, first: int = 0) -> list[Family]:
    """Orders with two lines, a parcel, a payment, and one of fifty customers."""
    return [_order(index) for index in range(first, first + number)]


def _order(index: int) -> Family:
    example = examples.RECORDS["order"]
    assert isinstance(example, Order)
    uid, buyer = f"ord_{index}", f"cus_{index % 50}"
    line = example.line_items[0]
    order = msgspec.structs.replace(
        example, platform_unique_id=uid, customer_id=buyer, order_number=str(1000 + index),
        updated_at=AT + timedelta(seconds=index), total_amount=Decimal(index) + Decimal("0.50"),
        status="pending" if index % 2 else "shipped",
        line_items=[msgspec.structs.replace(line, rootfi_id=None, platform_unique_id=f"line_{index}_{n}")
                    for n in (1, 2)],
        addresses=[msgspec.structs.replace(one, rootfi_id=None) for one in example.addresses],
        shipping_lines=[msgspec.structs.replace(one, rootfi_id=None) for one in example.shipping_lines])
    parcel, payment = examples.RECORDS["fulfillment"], examples.RECORDS["transaction"]
    assert isinstance(parcel, Fulfillment)
    assert isinstance(payment, Transaction)
    customer = Customer(platform_unique_id=buyer, name=f"Buyer {index % 50}", email=f"{buyer}@example.com")
    children = [
        Mapped(msgspec.structs.replace(parcel, platform_unique_id=f"ful_{index}", order_id=uid, line_items=[],
                                       addresses=[])),
        Mapped(msgspec.structs.replace(payment, platform_unique_id=f"pay_{index}", order_id=uid, contact_id=buyer)),
    ]
    return Family(Mapped(order, b'{"id":"%b"}' % uid.encode()), children, [Mapped(customer, b"{}")])
