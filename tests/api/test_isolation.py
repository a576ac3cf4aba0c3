"""Nobody reaches into another organisation, nor into another environment: every call is tried with every id of theirs.

New endpoints are met here by themselves. A path parameter or a field that names something needs a row in ``FOREIGN``;
without one the test fails, so that nobody can forget.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from entrepot.api import openapi
from entrepot.api.application import VERSIONS, all_endpoints, of_version
from entrepot.api.endpoint import Endpoint
from entrepot.store import core_tables, edge_tables, hook_tables
from entrepot.store.all_tables import metadata
from entrepot.store.record_tables import record_table
from entrepot.store.scope import SYSTEM
from tests.api.house import Answer
from tests.api.places import Place, Places, idents, installed, rows
from tests.conftest import postgres_database, unreachable

pytestmark = pytest.mark.anyio
Json = Any

FOREIGN = {
    "company_id": core_tables.companies.c.id, "rootfi_company_id": core_tables.companies.c.id,
    "company_ids": core_tables.companies.c.id,
    "connection_id": core_tables.connections.c.id, "connection_ids": core_tables.connections.c.id,
    "invite_link_id": core_tables.invite_links.c.invite_link_id,
    "sync_id": core_tables.syncs.c.sync_id, "job_id": core_tables.sync_jobs.c.id,
    "webhook_id": hook_tables.webhook_endpoints.c.public_id,
    "delivery_id": hook_tables.deliveries.c.delivery_id, "delivery_ids": hook_tables.deliveries.c.delivery_id,
    "api_key_id": core_tables.api_keys.c.id, "erasure_id": edge_tables.erasures.c.id,
}
"""By the name in a path, a query or a body: the column that holds the ids."""
RECORDS = {"customer_id": "customer", "contact_id": "customer", "item_id": "product", "product_id": "product",
           "variant_id": "product", "order_id": "order", "location_id": "inventory"}
"""References to records, by name: the noun that they mean."""
NO_IDS = {"type", "integration_type", "currency_id", "client_id", "partner_id", "external_id", "gateway_transaction_id",
          "platform_id", "platform_unique_id", "rootfi_id", "original_transaction_id", "line_item_id"}
"""Names that sound like it: codes, names that a caller chose, what a record says of itself, which is not believed, and
a line of the order that is named beside it."""
FILTERS = {"/v4/core/webhook_logs/replay": "replayed"}
"""Bodies that choose by ids as a list's query does: what is counted, which is nothing."""
NOUNS = {"customers": "customer", "contacts": "customer", "items": "product", "products": "product", "orders": "order",
         "balances": "balance", "company_info": "company_info", "fulfillments": "fulfillment",
         "inventories": "inventory", "transactions": "transaction"}


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def places(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Places]:
    """The installation, on each database in turn."""
    home: Path = tmp_path_factory.mktemp("places")
    if request.param == "sqlite":
        made = installed(f"sqlite:///{home / 'entrepot.db'}", home)
        yield made
        made.app.close()
        return
    if why := unreachable():
        pytest.skip(why)
    with postgres_database() as url:
        made = installed(url, home)
        yield made
        made.app.close()


class Attack:
    """One place with the ids of another, and a watch over that other."""

    def __init__(self, places: Places, attacker: Place, victim: Place) -> None:
        self.engine, self.attacker, self.victim = places.app.engine, attacker, victim
        self.endpoints = all_endpoints(self.engine)
        with self.engine.store.read(SYSTEM) as session:
            self.before = rows(session, victim.scope)
        found = {one for name, held in self.before.items() if name not in ("organisations", "environments")
                 for one in idents(metadata.tables[name], held)}
        self.numbers = {one for one in found if isinstance(one, int)}
        self.texts = {one for one in found if isinstance(one, str)} | {victim.mark}
        self.tried = 0

    def foreign(self, name: str, of: Place | None = None) -> list[str]:
        """The other's ids for a name; fails for a name that nobody knows."""
        place = of or self.victim
        if name in RECORDS:
            return self.records(RECORDS[name], place)
        assert name in FOREIGN, f"say in FOREIGN of {Path(__file__).name} what a {name} of somebody else is"
        column = FOREIGN[name]
        held = core_tables.companies.c.environment_id == place.scope.environment_id
        statement = select(column).where(
            column.table.c.company_id.in_(select(core_tables.companies.c.id).where(held))
            if "environment_id" not in column.table.c else column.table.c.environment_id == place.scope.environment_id)
        with self.engine.store.read(SYSTEM) as session:
            found = [str(row[0]) for row in session.execute(statement.order_by(column))]
        assert found or not place.company, f"the place has no {name}, so nothing would be proven"
        return found

    def records(self, noun: str, place: Place) -> list[str]:
        """Ids of records, one or two of a noun."""
        table = metadata.tables[record_table(noun).name]
        with self.engine.store.read(SYSTEM) as session:
            found = session.execute(select(table.c.rootfi_id).where(
                table.c.environment_id == place.scope.environment_id).order_by(table.c.rootfi_id).limit(2))
            return [str(row[0]) for row in found]

    async def try_(self, method: str, path: str, body: object = None, sent: str = "") -> Answer:
        """A request of the attacker, whose answer may hold nothing of the other's but what was sent."""
        answer = await self.attacker.call(method, path, body)
        self.tried += 1
        where = (method, path, body, answer.status, answer.body[:2000])
        assert answer.status < 500, where
        told = answer.body.decode()
        assert [text for text in self.texts if text != sent and text in told] == [], where
        assert [number for number in numbers_in(json.loads(told or "null"))
                if number in self.numbers and str(number) != sent] == [], where
        return answer

    def check(self) -> None:
        """Nothing of the other's was changed, added, removed or counted."""
        with self.engine.store.read(SYSTEM) as session:
            after = rows(session, self.victim.scope)
        for name, held in self.before.items():
            assert after[name] == held, name


def numbers_in(value: Json, name: str = "") -> Iterator[int]:
    """Every number in an answer that is called an id."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from numbers_in(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers_in(inner, name)
    elif isinstance(value, int) and not isinstance(value, bool) and (name == "id" or name.endswith(("_id", "_ids"))):
        yield value


def placeholders(one: Endpoint) -> list[str]:
    return [part[1:-1] for part in one.path.split("/") if part.startswith("{")]


def addresses(attack: Attack, one: Endpoint, of: Place) -> Iterator[tuple[str, str]]:
    """The path with each of a place's ids, and the id."""
    names = placeholders(one)
    if not names:
        yield one.path, ""
        return
    if names == ["id"]:
        idents_ = attack.records(NOUNS[one.path.split("/")[3]], of)
    elif names[0] in NO_IDS:
        yield one.path.replace("{" + names[0] + "}", of.platform), ""
        return
    else:
        idents_ = attack.foreign(names[0], of)
    assert len(names) == 1, f"{one.path}: teach this test a path with several ids"
    yield from ((one.path.replace("{" + names[0] + "}", ident), ident) for ident in idents_)


def fitted(value: Json, attack: Attack, of: Place) -> Json:
    """A documented body with ids of a place in the places of the documented ones."""
    if isinstance(value, list):
        return [fitted(one, attack, of) for one in value]
    if not isinstance(value, dict):
        return value
    known: dict[str, Json] = {
        "company_id": of.company, "connection_id": of.connection, "integration_type": of.platform,
        "credentials": {"token": "demo-token", "shop": f"{of.mark}-more", "orders": "2"}}
    for name, noun in RECORDS.items():
        if name in value and of.company and (found := attack.records(noun, of)):
            known[name] = found[0]
    if "webhook_id" in value and of.company:
        known["webhook_id"] = attack.foreign("webhook_id", of)[0]
    return {name: known[name] if name in known else fitted(inner, attack, of) for name, inner in value.items()}


def fields(schema: Json, document: Json, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where in a body each field stands; the first entry of a list stands for all."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for inner in [*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())]:
        yield from fields(inner, document, path)
    if schema.get("items") and len(path) < 8:
        yield from fields(schema["items"], document, (*path, 0))
    for name, inner in (schema.get("properties") or {}).items():
        yield (*path, name)
        if len(path) < 8:
            yield from fields(inner, document, (*path, name))


def named(body: Json, path: tuple[str | int, ...], value: Json) -> Json | None:
    """The body with another value at a place; None where it has no such place."""
    made = copy.deepcopy(body)
    inner: Json = made
    for step in path[:-1]:
        try:
            inner = inner[step]
        except (KeyError, IndexError, TypeError):
            return None
    if not isinstance(inner, dict):
        return None
    inner[path[-1]] = value
    return made


def id_like(name: object) -> bool:
    return isinstance(name, str) and name not in NO_IDS and (name.endswith(("_id", "_ids")) or name == "id")


def bodies(attack: Attack, one: Endpoint, document: Json) -> Iterator[tuple[Json, str, str]]:
    """The documented body, fitted to the attacker but for one id of the other's: the body, the id, its name."""
    own = fitted(one.body_example, attack, attack.attacker)
    schema = document["paths"][one.path][one.method.lower()]["requestBody"]["content"]["application/json"]["schema"]
    for path in dict.fromkeys(fields(schema, document)):
        name = path[-1]
        if not id_like(name):
            continue
        for ident in attack.foreign(str(name))[:2]:
            value: Json = int(ident) if ident.isdigit() and str(name) not in RECORDS else ident
            body = named(own, path, [value] if str(name).endswith("_ids") else value)
            if body is not None:
                yield body, ident, str(name)


def pairs(places: Places) -> list[tuple[Place, Place]]:
    """Who tries, and with whose ids: another environment of one's own organisation, and another organisation."""
    return [(places.ours, places.our_test), (places.ours, places.theirs),
            (places.their_test, places.theirs), (places.their_test, places.ours)]


async def test_paths_with_foreign_ids_lead_nowhere(places: Places) -> None:
    for attacker, victim in pairs(places):
        attack = Attack(places, attacker, victim)
        for one in attack.endpoints:
            if not placeholders(one) or placeholders(one)[0] in NO_IDS:
                continue
            for path, ident in addresses(attack, one, victim):
                body = None if one.body is None else fitted(one.body_example, attack, attacker)
                answer = await attack.try_(one.method, path, body, ident)
                assert answer.status == 404 or (one.body is not None and answer.status == 400), (
                    one.method, path, answer.status, answer.body)
        attack.check()
        assert attack.tried > 100


async def test_queries_with_foreign_ids_show_nothing(places: Places) -> None:
    for attacker, victim in pairs(places):
        attack = Attack(places, attacker, victim)
        for one in attack.endpoints:
            if one.method != "GET" or (placeholders(one) and not attacker.company):
                continue
            names = [found.name for found in one.parameters if found.where == "query" and id_like(found.name)]
            for path, _ in list(addresses(attack, one, attacker))[:1]:
                for name in names:
                    for ident in attack.foreign(name):
                        answer = await attack.try_("GET", f"{path}?{name}={ident}", sent=ident)
                        shown = answer.json().get("data") if answer.status == 200 else []
                        assert not shown or placeholders(one), (path, name, ident, answer.body[:500])
        attack.check()
        assert attack.tried > 50


async def test_bodies_with_foreign_ids_are_refused(places: Places) -> None:
    documents = {version: openapi.document(version, of_version(all_endpoints(places.app.engine), version))
                 for version in VERSIONS}
    for attacker, victim in pairs(places):
        attack = Attack(places, attacker, victim)
        for one in attack.endpoints:
            if one.body is None or (placeholders(one) and not attacker.company):
                continue
            for path, _ in list(addresses(attack, one, attacker))[:1]:
                for body, ident, name in bodies(attack, one, documents[one.path.split("/")[1]]):
                    answer = await attack.try_(one.method, path, body, ident)
                    if one.path in FILTERS and answer.status == 200:
                        assert answer.json()["data"][FILTERS[one.path]] == 0
                        continue
                    assert answer.status in (400, 404), (one.method, path, name, ident, answer.status, answer.body)
        attack.check()
        assert attack.tried > 20


async def test_a_line_of_a_foreign_order_is_no_line(places: Places) -> None:
    for attacker, victim in pairs(places)[:2]:
        attack = Attack(places, attacker, victim)
        theirs = (await victim.asked("GET", f"/v4/ecommerce/orders?limit=1&company_id={victim.company}"))["data"][0]
        for ident in (theirs["line_items"][0]["rootfi_id"], theirs["rootfi_id"]):
            answer = await attack.try_("POST", "/v4/ecommerce/fulfillments", {"company_id": attacker.company, "data": [
                {"order_id": attack.records("order", attacker)[0],
                 "line_items": [{"line_item_id": str(ident), "quantity": 1}]}]}, str(ident))
            assert (answer.status, answer.error()["field"]) == (400, "data[0].line_items[0].line_item_id")
        attack.check()


async def test_lists_without_ids_are_of_ones_own(places: Places) -> None:
    for attacker, victim in pairs(places):
        attack = Attack(places, attacker, victim)
        for one in attack.endpoints:
            if one.method == "GET" and set(placeholders(one)) <= NO_IDS:
                for query in ("", "?limit=1000", "?return_count=true&include_deleted_records=true"):
                    path, _ = next(addresses(attack, one, attacker))
                    answer = await attack.try_("GET", path + query)
                    if not attacker.company and answer.status == 200 and "/ecommerce/" in one.path:
                        assert answer.json()["data"] == []
                        assert not answer.json().get("total_count")
        attack.check()


async def test_each_environment_has_its_own_rhythms(places: Places) -> None:
    for place in (places.ours, places.our_test, places.theirs, places.their_test):
        told = json.dumps(await place.asked("GET", "/v4/core/organizations/sync_config"))
        for other in (places.ours, places.our_test, places.theirs):
            assert (f'"interval": {other.interval}' in told) == (other is place), (place.mark, told)


async def test_an_idempotency_key_is_of_ones_own(places: Places) -> None:
    """The same key and body as somebody else's make something of one's own."""
    body = {"company_name": f"{places.theirs.mark} first", "integration_categories": ["ECOMMERCE"]}
    made = await places.their_test.call("POST", "/v4/core/invite_links", body, once="link-first")
    assert made.status == 200
    assert "idempotent-replayed" not in made.headers
    again = await places.theirs.call("POST", "/v4/core/invite_links", body, once="link-first")
    assert again.headers["idempotent-replayed"] == "true"
    assert made.json()["data"]["rootfi_id"] != again.json()["data"]["rootfi_id"]


async def test_what_one_does_to_ones_own_touches_nobody_else(places: Places) -> None:
    """Last: every call with one's own ids, deleting ones at the end, and the work that comes of it."""
    watched = [Attack(places, places.ours, victim) for victim in (places.our_test, places.theirs)]
    attack = watched[0]
    order = {"GET": 0, "POST": 1, "PATCH": 2, "PUT": 3, "DELETE": 4}
    done = 0
    for one in sorted(attack.endpoints, key=lambda one: (order[one.method], "disconnect" in one.path)):
        for path, ident in list(addresses(attack, one, places.ours)):
            own_key = "api_keys" in path and ident == attack.foreign("api_key_id", places.ours)[0]
            if own_key and (one.method == "DELETE" or path.endswith("/rotate")):
                continue  # the one that all this is done with
            for body in own_bodies(attack, one):
                answer = await places.ours.call(one.method, path, body)
                assert answer.status < 500, (one.method, path, answer.body)
                done += answer.status < 300
    await places.app.engine.worker.drain()
    for one_watch in watched:
        one_watch.check()
    assert done > 100


def own_bodies(attack: Attack, one: Endpoint) -> Iterator[Json]:
    """The documented body, fitted; and again with each of its switches the other way."""
    if one.body is None:
        yield None
        return
    own = fitted(one.body_example, attack, attack.attacker)
    yield own
    for name, value in own.items() if isinstance(own, dict) else ():
        if isinstance(value, bool):
            yield {**own, name: not value}


async def test_every_path_parameter_has_a_foreign_id(places: Places) -> None:
    attack = Attack(places, places.ours, places.theirs)
    for one in attack.endpoints:
        for name in placeholders(one):
            assert name == "id" or name in NO_IDS or attack.foreign(name), one.path
    with pytest.raises(AssertionError, match="say in FOREIGN"):
        attack.foreign("parcel_id")
