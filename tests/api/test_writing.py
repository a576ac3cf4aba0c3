"""Creates and updates through the whole product into the demo shop: shapes of answers, and who is blamed how."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from entrepot.api import examples, v3
from entrepot.api.application import create_api
from entrepot.app import build
from entrepot.settings import load
from entrepot.store import keys
from entrepot.store.scope import SYSTEM
from tests.api.house import KEY, House, shop

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The product over an empty database."""
    home = tmp_path_factory.mktemp("home")
    app = build(load({}, home=home, api_key=KEY, log_level="warning"))
    with app.engine.store.write(SYSTEM) as session:
        scope = keys.default_scope(session)
    yield House(app.api(), app.engine, scope, shop(app.engine.store, scope, None))
    app.close()


@pytest.fixture
async def company(made: House) -> int:
    """A company connected to a demo shop, nothing synced."""
    link = await made.call("POST", "/v3/core/invite_links", {"integration_categories": ["ECOMMERCE"]})
    ident: int = link.json()["data"]["company"]["rootfi_id"]
    answer = await made.call("POST", "/v4/core/connections", {
        "company_id": ident, "integration_type": "ROOTFI_SANDBOX", "credentials": {"token": "demo-token"}})
    assert answer.status == 200, answer.body
    assert answer.json()["data"]["connection_status"] == "HEALTHY"
    return ident


async def create(made: House, path: str, company: int, *records: dict[str, Any], query: str = "") -> Any:
    """The answer of a create."""
    return await made.call("POST", f"{path}{query}", {"company_id": company, "data": list(records)})


async def test_the_documented_customer_comes_back_as_sent(made: House, company: int) -> None:
    sent = examples.body_example(v3.CUSTOMER, "create")["data"][0]
    answer = await create(made, "/v3/ecommerce/customers", company, sent)
    assert answer.status == 200, answer.body
    body = answer.json()
    assert list(body) == ["data", "sync_id"]
    shown = body["data"][0]
    assert {name: shown[name] for name in sent} == sent
    assert shown["rootfi_company_id"] == company
    # With a filter it is the store that is asked: nothing was synced yet.
    listed = (await made.call("GET", f"/v3/ecommerce/customers?company_id={company}&rootfi_id[gt]=0")).json()["data"]
    assert shown in listed
    sync = (await made.call("GET", f"/v3/core/syncs/{body['sync_id']}")).json()["data"]
    assert (sync["status"], sync["config_mode"]) == ("SUCCESS", "CREATE")


async def test_v3_products_answer_one_object(made: House, company: int) -> None:
    answer = await create(made, "/v3/ecommerce/products", company, {"name": "Shirt", "sku": "S-1", "status": "ACTIVE"})
    assert answer.json()["data"]["name"] == "Shirt"
    newer = await create(made, "/v4/ecommerce/products", company, {"name": "Hat", "sku": "H-1"})
    assert newer.json()["data"][0]["name"] == "Hat"


async def test_an_update_answers_the_bare_record(made: House, company: int) -> None:
    contact = (await create(made, "/v4/ecommerce/contacts", company, {"name": "Jane"})).json()["data"][0]
    for ident in (contact["rootfi_id"], contact["platform_id"]):
        answer = await made.call("PUT", f"/v4/ecommerce/contacts/{ident}", {"data": [{"phone": f"+1{ident}"[:9]}]})
        assert answer.status == 200, answer.body
        assert answer.json()["rootfi_id"] == contact["rootfi_id"]
        assert answer.json()["name"] == "Jane"
    waiting = await made.call("PUT", f"/v4/ecommerce/contacts/{contact['rootfi_id']}?run_async=true",
                              {"data": [{"phone": "1"}]})
    assert (waiting.status, list(waiting.json())) == (202, ["sync_id"])


async def test_asynchronous_writes_answer_their_sync(made: House, company: int) -> None:
    answer = await create(made, "/v4/ecommerce/contacts", company, {"name": "A"}, {"name": "B"},
                          query="?run_async=true")
    assert (answer.status, list(answer.json())) == (202, ["sync_id"])


async def test_a_write_that_outlasts_its_caller_says_so(made: House, company: int) -> None:
    impatient = replace(made.engine, settings=replace(made.engine.settings, write_wait_seconds=0.0))
    hasty = replace(made, app=create_api(impatient), engine=impatient)
    answer = await create(hasty, "/v4/ecommerce/contacts", company, {"name": "Slow"})
    assert answer.status in (200, 202)
    if answer.status == 202:
        assert answer.json()["data"] == []
        assert answer.json()["sync_id"]


async def test_refusals_name_the_field(made: House, company: int) -> None:
    line = {"item_id": "nothing", "description": "x", "quantity": 1, "unit_amount": 1}
    contact = (await create(made, "/v4/ecommerce/contacts", company, {"name": "Jane"})).json()["data"][0]
    order = {"customer_id": contact["platform_id"], "currency_id": "EUR", "line_items": [line]}
    error = (await create(made, "/v4/ecommerce/orders", company, order)).error()
    assert (error["code"], error["field"]) == ("invalid-params", "data[0].line_items[0].item_id")
    error = (await create(made, "/v4/ecommerce/orders", company, {**order, "customer_id": "nobody"})).error()
    assert (error["code"], error["field"]) == ("invalid-params", "data[0].customer_id")
    payment = {"type": "payment", "order_id": "x", "currency_id": "EUR", "amount": 5}
    assert (await create(made, "/v4/ecommerce/transactions", company, payment)).error()["code"] == "operation-denied"
    assert (await create(made, "/v4/ecommerce/contacts", company, {"name": "A"}, {"name": "B"})).error()["field"] == \
        "run_async"
    assert (await create(made, "/v4/ecommerce/contacts", 987654, {"name": "A"})).status == 404
    same = {"name": "Twin", "email": "twin@example.com"}
    assert (await create(made, "/v4/ecommerce/contacts", company, same)).status == 200
    error = (await create(made, "/v4/ecommerce/contacts", company, same)).error()
    assert (error["code"], error["field"]) == ("record-already-exists", "data[0].email")
    assert error["message"].startswith("Record already exists with given: data[0].email. ")
