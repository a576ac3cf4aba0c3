"""Companies, links, connections, apps and erasures over the API, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from entrepot.store import activity
from entrepot.store.edge_tables import integration_apps
from tests.api.connected import KIND, Connected

pytestmark = pytest.mark.anyio
GOOD = {"token": "demo-token", "orders": "6"}
LINK = {"company_name": "Acme", "integration_categories": ["ECOMMERCE"]}
ORDERS = {"data_model": "ECOMMERCE_ORDERS", "category": "ECOMMERCE", "enabled": True, "frequency": "HOURLY",
          "interval": 6, "scope_access": {"READ": True, "CREATE": True, "UPDATE": False, "DELETE": True}}


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Connected]:
    made = Connected.build(database_url, tmp_path / "home")
    yield made
    made.one.close()


async def error(here: Connected, method: str, path: str, body: object = None, status: int = 400) -> dict[str, Any]:
    answer = await here.call(method, path, body)
    assert answer.status == status, answer.body
    return answer.error()


async def data(here: Connected, method: str, path: str, body: object = None) -> Any:
    return (await here.ok(method, path, body)).json()["data"]


async def put(here: Connected, version: str, path: str, body: object) -> Any:
    """A changed company: published clients of v3 take a list of the one."""
    found = await data(here, "PUT", path, body)
    return found[0] if version == "v3" else found


async def connected(here: Connected, **more: object) -> Any:
    return await data(here, "POST", "/v4/core/connections", {
        "company_id": here.company, "integration_type": KIND, "credentials": GOOD, **more})


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_a_company_is_changed(here: Connected, version: str) -> None:
    await connected(here)
    await connected(here, credentials={**GOOD, "shop": "second"})
    path = f"/{version}/core/companies/{here.company}"
    body = {"name": " Harbour Goods & Co ", "partner_id": "customer-17", "sync_config": ORDERS}
    changed = await put(here, version, path, body)
    assert changed == await data(here, "GET", path)
    assert (changed["name"], changed["partner_id"], len(changed["connections"])) == (
        "Harbour Goods & Co", "customer-17", 2)
    for one in changed["connections"]:
        shown = one["sync_config"]
        found = shown if version == "v3" else next(each for each in shown if each["data_model"] == "ECOMMERCE_ORDERS")
        # Published clients know no hours.
        assert (found["frequency"], found["interval"]) == (("DAILY", 1) if version == "v3" else ("HOURLY", 6))
        assert found["scope_access"] == {"READ": True, "CREATE": True, "UPDATE": False, "DELETE": False}
    assert (await put(here, version, path, {"partner_id": None}))["partner_id"] is None
    for wrong, field in (({"name": " "}, "name"), ({"name": "x" * 501}, "name"), ({"nmae": "x"}, "nmae"),
                         ({"sync_config": {**ORDERS, "data_model": "INVOICES"}}, "sync_config.data_model"),
                         ({"sync_config": {**ORDERS, "interval": 0}}, "sync_config.interval"),
                         ({"sync_config": {**ORDERS, "custom_fields": ["x"]}}, "sync_config.custom_fields"),
                         ({"sync_config": [ORDERS]}, "sync_config")):
        assert (await error(here, "PUT", path, wrong))["field"] == field
    assert (await data(here, "GET", path))["name"] == "Harbour Goods & Co"


async def test_companies_are_searched_in_v4(here: Connected) -> None:
    await here.ok("PUT", f"/v4/core/companies/{here.company}", {"partner_id": "p-1"})
    await here.ok("POST", "/v4/core/invite_links", {**LINK, "company_name": "100% Cotton_Co"})
    first, second = ["Harbour Goods"], ["100% Cotton_Co"]
    for query, names in (("partner_id=p-1", first), ("partner_id=p", []), ("name=HARBOUR", first),
                         ("name=0%25%20c", second), ("name=n_", second), ("name=_", second), ("name=o&limit=1", first)):
        assert [one["name"] for one in await data(here, "GET", f"/v4/core/companies?{query}")] == names, query
    assert (await error(here, "GET", "/v3/core/companies?partner_id=p-1"))["field"] == "partner_id"


async def test_the_activity_of_a_company(here: Connected) -> None:
    link = await data(here, "POST", "/v4/core/invite_links", LINK)
    company = link["rootfi_company_id"]
    made = await connected(here, company_id=company)
    await here.ok("POST", f"/v4/core/connections/{made['rootfi_id']}/disconnect")
    await here.ok("POST", f"/v4/core/connections/{made['rootfi_id']}/reauthorise", {"credentials": GOOD})
    await here.ok("DELETE", f"/v4/core/connections/{made['rootfi_id']}")
    newest = (await data(here, "GET", f"/v4/core/companies/{company}"))["activity_log"]
    assert [line["activity_type"] for line in newest] == [
        "CONNECTION_DELETED", "CONNECTION_REAUTHORISED", "CONNECTION_DISCONNECTED", "CONNECTION_CREATED",
        "INVITE_LINK_CREATED", "COMPANY_CREATED"]
    assert newest[0]["detail"] == KIND
    listed = await data(here, "GET", "/v3/core/companies?expand=activity_log")
    older = next(one for one in listed if one["rootfi_id"] == company)["activity_log"]
    assert [line["activity_type"] for line in older] == [
        line["activity_type"] for line in newest if line["activity_type"] != "CONNECTION_REAUTHORISED"]
    assert set(older[0]) == {"rootfi_id", "rootfi_created_at", "rootfi_updated_at", "activity_type"}
    with here.one.engine.store.write(here.scope) as session:
        for number in range(120):
            activity.note(session, here.scope, "CONNECTION_EXPIRED", company, str(number))
    newest = (await data(here, "GET", f"/v4/core/companies/{company}"))["activity_log"]
    assert (len(newest), newest[0]["detail"]) == (100, "119")


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_a_link_is_changed_and_deleted(here: Connected, version: str) -> None:
    path = f"/{version}/core/invite_links"
    made = await data(here, "POST", path, {**LINK, "company_name": None, "sync_config": [ORDERS]})
    assert made["company"]["name"] == ""
    own = f"{path}/{made['invite_link_id']}"
    changed = await data(here, "PUT", own, {
        "company_name": "Acme", "integration_categories": ["ECOMMERCE", "CRM"], "integrations": [KIND]})
    assert (changed["company"]["name"], changed["integrations"]) == ("Acme", [KIND])
    assert changed["integration_categories"] == ["ECOMMERCE", "CRM"]
    again = await data(here, "PUT", own, {"company_name": " ", "integration_categories": ["ECOMMERCE"]})
    assert (again["company"]["name"], again["integrations"], again["integration_categories"]) == (
        "Acme", [KIND], ["ECOMMERCE"])
    if version == "v4":
        assert again["sync_config"][0]["frequency"] == "HOURLY"
    one = await connected(here, company_id=made["rootfi_company_id"])
    assert [each["frequency"] for each in one["sync_config"] if each["data_model"] == "ECOMMERCE_ORDERS"] == ["HOURLY"]
    assert (await here.ok("DELETE", own)).json() == {"status": "success"}
    for method in ("GET", "PUT", "DELETE"):
        body = LINK if method == "PUT" else None
        assert (await error(here, method, own, body, 404))["code"] == "not-found"
    kept = await data(here, "GET", f"/{version}/core/companies/{made['rootfi_company_id']}")
    assert (kept["invite_link"], len(kept["connections"])) == (None, 1)


async def test_another_link_of_a_company(here: Connected) -> None:
    path = "/v4/core/invite_links"
    made = await data(here, "POST", path, {
        "company_id": here.company, "integration_categories": ["ECOMMERCE"], "expires_at": "2999-01-01T00:00:00Z"})
    assert (made["rootfi_company_id"], made["company"]["name"]) == (here.company, "Harbour Goods")
    assert made["expires_at"] == "2999-01-01T00:00:00.000Z"
    assert (await data(here, "GET", f"/v4/core/companies/{here.company}"))["invite_link"]["invite_link_id"] == (
        made["invite_link_id"])
    by_link = {"company_id": None, "invite_link_id": made["invite_link_id"]}
    assert (await connected(here, **by_link))["rootfi_company_id"] == here.company
    own = f"{path}/{made['invite_link_id']}"
    assert (await error(here, "PUT", own, {"expires_at": "2001-01-01T00:00:00Z"}))["field"] == "expires_at"
    assert (await data(here, "PUT", own, {"expires_at": None, "integrations": ["OTHER_SHOP"]}))["expires_at"] is None
    wrong = {"integration_type": KIND, "credentials": GOOD}
    assert (await error(here, "POST", "/v4/core/connections", {**wrong, **by_link}))["field"] == "integration_type"
    assert (await error(here, "POST", "/v4/core/connections", wrong))["field"] == "company_id"
    await error(here, "POST", "/v4/core/connections", {**wrong, "invite_link_id": "none"}, 404)
    await error(here, "POST", path, {"company_id": 99_999_999, "integration_categories": ["ECOMMERCE"]}, 404)


async def test_connections_are_listed_and_counted(here: Connected) -> None:
    first, second = await connected(here), await connected(here, credentials={**GOOD, "shop": "second"})
    link = await data(here, "POST", "/v4/core/invite_links", LINK)
    third = await connected(here, company_id=link["rootfi_company_id"], sync=False)
    await here.ok("POST", f"/v4/core/connections/{second['rootfi_id']}/disconnect")

    async def idents(query: str) -> list[int]:
        return [one["rootfi_id"] for one in await data(here, "GET", f"/v4/core/connections?{query}")]

    everything = [first["rootfi_id"], second["rootfi_id"], third["rootfi_id"]]
    assert await idents("") == await idents(f"integration_type={KIND}") == everything
    assert await idents(f"company_id={here.company}") == everything[:2]
    assert await idents("status=DISCONNECTED,EXPIRED") == [second["rootfi_id"]]
    assert await idents("integration_type=OTHER") == []
    page = (await here.ok("GET", "/v4/core/connections?limit=2")).json()
    assert await idents(f"limit=2&next={page['next']}") == everything[2:]
    for query, field in (("status=ILL", "status"), ("company_id=x", "company_id"), ("expand=x", "expand")):
        assert (await error(here, "GET", f"/v4/core/connections?{query}"))["field"] == field
    await here.one.engine.worker.drain()  # the first sync, which was asked for with the connection
    shown = await data(here, "GET", f"/v4/core/connections/{first['rootfi_id']}")
    limits = shown["rate_limits"]
    assert limits["counters"]["day"] >= limits["counters"]["minute"] > 5
    assert limits["counters"]["concurrent"] == 0
    assert limits["lastReset"]["day"].endswith("T00:00:00.000Z")
    assert set(limits["maxLimits"]) == {"per_minute", "concurrent_calls"}
    assert shown["last_synced"]
    assert (await data(here, "GET", f"/v4/core/connections/{third['rootfi_id']}"))["last_synced"] is None


async def test_disconnect_probe_and_re_authorise(here: Connected) -> None:
    made = await connected(here)
    own = f"/v4/core/connections/{made['rootfi_id']}"
    probed = await data(here, "POST", f"{own}/probe")
    assert (probed["opens"], probed["problem"], probed["learned"]["shop_name"] != "") == (True, None, True)
    here.connection_id = made["rootfi_id"]
    await here.faults("error=401@GET /v1/shop*1")
    probed = await data(here, "POST", f"{own}/probe")
    assert (probed["opens"], probed["problem"]["code"]) == (False, "platform-denied")
    assert probed["connection"]["connection_status"] == "EXPIRED"
    assert "re-authorise" in probed["connection"]["status_reason"]
    again = await data(here, "POST", f"{own}/reauthorise", {"credentials": {"token": "demo-token"}})
    assert (again["connection_status"], again["status_reason"]) == ("HEALTHY", None)
    another = {"token": "demo-token", "shop": "another"}
    refused = await error(here, "POST", f"{own}/reauthorise", {"credentials": another})
    assert (refused["code"], refused["field"]) == ("operation-denied", "credentials")
    forgotten = await data(here, "PUT", f"/v4/core/companies/{here.company}/disconnect")
    assert [one["connection_status"] for one in forgotten["connections"]] == ["DISCONNECTED"]
    for method, path in (("PUT", f"/v4/core/companies/{here.company}/disconnect"), ("POST", f"{own}/disconnect"),
                         ("POST", f"{own}/probe")):
        assert (await error(here, method, path))["code"] == "operation-denied"
    await here.ok("POST", f"{own}/reauthorise", {"credentials": {"token": "demo-token"}})
    await connected(here, credentials={**GOOD, "shop": "second"})
    assert (await error(here, "PUT", f"/v4/core/companies/{here.company}/disconnect"))["field"] == "connection_id"


@pytest.mark.parametrize("version", ["v3", "v4"])
async def test_a_company_is_deleted(here: Connected, version: str) -> None:
    await connected(here)
    await here.one.engine.worker.drain()
    assert len(await here.listed("orders")) == 6
    link = (await data(here, "GET", f"/v3/core/companies/{here.company}"))["invite_link"]["invite_link_id"]
    path = f"/{version}/core/companies/{here.company}"
    answer = await here.ok("DELETE", path, Idempotency_Key="delete-it")
    assert answer.json()["status"] == "success"
    assert ("erasure_id" in answer.json()) == (version == "v4")
    for method, gone in (("GET", path), ("DELETE", path), ("GET", f"/v3/core/invite_links/{link}"),
                         ("GET", f"/v4/ecommerce/orders?company_id={here.company}"),
                         ("GET", f"/v3/ecommerce/customers?company_id={here.company}&return_count=true")):
        assert (await error(here, method, gone, status=404))["code"] == "not-found", gone
    for empty in ("/v4/ecommerce/orders", "/v4/core/connections", "/v3/core/syncs", "/v3/core/companies"):
        assert await data(here, "GET", empty) == [], empty
    begun = (await data(here, "GET", "/v4/core/erasures"))[0]
    assert (begun["state"], begun["progress"], begun["company_id"]) == ("CREATED", 0, here.company)
    await here.one.engine.worker.drain()
    done = await data(here, "GET", f"/v4/core/erasures/{begun['rootfi_id']}")
    assert (done["state"], done["progress"], done["removed"]["ECOMMERCE_ORDERS"]) == ("SUCCESS", 1, 6)
    assert sum(number for name, number in done["removed"].items() if name.startswith("ECOMMERCE_")) == done["total"]
    assert done["ended_at"]
    # Whoever did not hear the answer gets it again, although the company is gone to its last row.
    assert (await here.ok("DELETE", path, Idempotency_Key="delete-it")).json() == answer.json()
    assert (await data(here, "GET", f"/v4/core/erasures?company_id={here.company}")) == [done]
    assert await data(here, "GET", "/v4/core/erasures?company_id=1") == []
    await error(here, "GET", "/v4/core/erasures/99999999", status=404)


async def test_an_app_is_kept_and_never_told(here: Connected) -> None:
    path = f"/v4/core/integrations/{KIND}/app"
    await error(here, "GET", path, status=404)
    secret = "very-secret-and-long-9f2c"
    given = {"client_id": "app-1", "client_secret": secret, "verification_token": "another-secret"}
    shown = await data(here, "PUT", path, given)
    assert (shown["client_id"], shown["client_secret"], shown["fields"]) == (
        "app-1", "****9f2c", ["verification_token"])
    assert await data(here, "GET", path) == shown
    with here.one.engine.store.read(here.scope) as session:
        row = session.execute(integration_apps.select()).mappings().one()
        assert not any(text in str(dict(row)) for text in (secret, "another-secret"))
    listed = {one["integration_type"]: one for one in await data(here, "GET", "/v4/core/integrations")}
    assert listed[KIND]["app_configured"]
    assert (await data(here, "PUT", path, {"client_id": "app-2", "client_secret": "short"}))["client_secret"] == "****"
    for wrong, field in (({}, "client_id"), ({"client_id": "x"}, "client_secret"),
                         ({**given, "client_secret": 5}, "client_secret"), ({**given, "client_id": " "}, "client_id")):
        found = await error(here, "PUT", path, wrong)
        assert found["field"] == field, found
    assert (await here.ok("DELETE", path)).json() == {"status": "success"}
    await error(here, "DELETE", path, status=404)
    await error(here, "PUT", "/v4/core/integrations/NOPE/app", given, 404)


async def test_integrations_say_what_they_can(here: Connected) -> None:
    listed = {one["integration_type"]: one for one in await data(here, "GET", "/v4/core/integrations")}
    demo = listed[KIND]
    token = next(field for field in demo["fields"] if field["name"] == "token")
    assert (token["secret"], token["example"], token["optional"], demo["auth"]) == (True, "", False, "bearer")
    models = {one["data_model"]: one for one in demo["data_models"]}
    assert models["ECOMMERCE_ORDERS"] == {
        "data_model": "ECOMMERCE_ORDERS", "category": "ECOMMERCE", "read": True, "create": True, "update": True,
        "incremental": True, "refusal": None}
    assert not models["ECOMMERCE_BALANCES"]["create"]
    refused = [model for one in listed.values() for model in one["data_models"] if model["refusal"]]
    assert refused
    assert not any(model["read"] for model in refused)
