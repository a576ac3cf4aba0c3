"""Somebody new: the quickstart's own lines, an invite link, a first shop; and keys that open nothing of others."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Running, entrepot
from tests.end_to_end.client import Api, Json
from tests.end_to_end.house import SANDBOX, Company, House, free_port

QUICKSTART = Path(__file__).resolve().parents[2] / "docs" / "quickstart.md"


def blocks(heading: str) -> list[str]:
    """The shell blocks below a heading of the quickstart."""
    section = QUICKSTART.read_text().split(f"## {heading}", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)


def typed(block: str, port: int, **variables: object) -> list[Any]:
    """What the block's lines answer, one JSON document each, typed into a shell as they stand."""
    assert shutil.which("curl"), "the quickstart is typed with curl"
    text = block.replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace("\ncurl ", "\necho; curl ")
    env = {**os.environ, **{name: str(value) for name, value in variables.items()}}
    done = subprocess.run(["bash", "-ec", text], env=env, capture_output=True, text=True, timeout=60, check=True)
    return [json.loads(line) for line in done.stdout.splitlines() if line.strip()]


@dataclass
class Demo:
    """A running ``entrepot demo``."""

    port: int
    key: str
    company: int
    lines: list[str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """As ``make demo`` starts it, only smaller."""
    home, port = tmp_path_factory.mktemp("demo") / "home", free_port()
    running = Running(home, "demo", "--port", str(port), "--orders", "60")
    try:
        running.wait_for("Ctrl-C stops it")
        found = re.search(r"API key (\S+), company (\d+)", running.said)
        assert found
        yield Demo(port, found[1], int(found[2]), [line for line in running.lines if line.startswith("curl ")])
        assert running.stop() == 0
        assert "Traceback" not in running.said
    finally:
        running.close()


def test_the_quickstarts_first_three_sections(demo: Demo) -> None:
    variables: dict[str, object] = {"KEY": demo.key, "COMPANY": demo.company}
    lists = typed(next(block for block in blocks("1. The demo") if "curl" in block), demo.port, **variables)
    assert len(lists) == 3
    assert all(page["data"] for page in lists)
    assert "line_items" in lists[1]["data"][0]
    amounts = [order["total_amount"] for order in lists[2]["data"]]
    assert amounts == sorted(amounts, reverse=True)
    assert min(amounts) >= 100
    written = typed(blocks("2. Write a customer")[0], demo.port, **variables)[0]
    assert written["data"][0]["name"] == "John Doe"
    api = Api(demo.port, demo.key)
    variables["CUSTOMER"] = api.get("/v4/ecommerce/contacts", company_id=demo.company)["data"][0]["platform_id"]
    variables["ITEM"] = api.get("/v4/ecommerce/items", company_id=demo.company)["data"][0]["platform_id"]
    ordered = typed(blocks("3. Write an order")[0], demo.port, **variables)[0]
    assert (ordered["data"][0]["status"], ordered["data"][0]["total_amount"]) == ("pending", 25)


def test_the_printed_lines(demo: Demo) -> None:
    assert len(demo.lines) == 3
    for line in demo.lines:
        answer = subprocess.run(["bash", "-c", line], capture_output=True, text=True, timeout=60, check=True).stdout
        assert json.loads(answer)["data"], answer


def test_the_quickstarts_own_shop(house: House, api: Api) -> None:
    """Section 4 as it stands, but for the shop: a Medusa is not there, so what is sent to it is refused."""
    invite = next(block for block in blocks("4. A real Medusa") if "invite_links" in block)
    first, second = invite.split("curl ", 2)[1:]
    link = typed(f"curl {first}", house.port, KEY=api.key)[0]["data"]
    company = link["rootfi_company_id"]
    refused = typed(f"curl {second}", house.port, KEY=api.key, COMPANY=company)[0]["error"]
    assert refused["field"] == "credentials"
    assert "ENTREPOT_ALLOW_PRIVATE_HOSTS=127.0.0.1" in refused["message"]
    connected = api.post("/v4/core/connections", {
        "company_id": company, "integration_type": SANDBOX,
        "credentials": {"token": "demo-token", "shop": "quickstart", "orders": "12"}}).ok()["data"]
    assert (connected["integration_type"], connected["connection_status"]) == (SANDBOX, "HEALTHY")
    synced = entrepot(house.home, "sync", str(company), **house.environment)
    assert synced.returncode == 0, synced.stderr
    for path, number in (("orders", 12), ("company_info", 1)):
        assert api.get(f"/v4/ecommerce/{path}", company_id=company, return_count=True)["total_count"] == number
    shown = api.get(f"/v3/core/companies/{company}")["data"]
    assert shown["name"] == "Acme"
    assert shown["invite_link"]["invite_link_id"] == link["invite_link_id"]
    assert [one["rootfi_id"] for one in shown["connections"]] == [connected["rootfi_id"]]
    assert shown["connections"][0]["last_synced"]


def test_a_sync_over_the_api_and_its_jobs(house: House, api: Api) -> None:
    company = house.company(8)
    # Without a filter it would be read from the shop itself.
    assert api.rows("/v4/ecommerce/orders", **{"company_id": company.ident, "rootfi_id[gt]": 0}) == []
    done = house.sync(company, data_models_to_sync=["ECOMMERCE_ORDERS", "ECOMMERCE_BALANCES"], full_sync=True)
    assert (done["full_sync"], done["sync_type"], done["config_mode"]) == (True, "MANUAL", "READ")
    assert {"ECOMMERCE_ORDERS", "ECOMMERCE_TRANSACTIONS", "ECOMMERCE_BALANCES"} <= set(done["sync_data_models"])
    jobs = {one["data_model"]: one for one in api.get(f"/v4/core/syncs/{done['sync_id']}/jobs")["data"]}
    orders = jobs["ECOMMERCE_ORDERS"]
    assert (orders["announced"], orders["fetched"], orders["stored"], orders["changed"]) == (8, 8, 8, 8)
    assert (orders["job_type"], orders["set_aside"], orders["error"]) == ("PULL", 0, None)
    assert len(api.rows("/v4/ecommerce/orders", company_id=company.ident)) == 8
    assert api.rows("/v4/ecommerce/items", **{"company_id": company.ident, "rootfi_id[gt]": 0}) == []
    again = house.sync(company, data_models_to_sync=["ECOMMERCE_ORDERS"])
    jobs = {one["data_model"]: one for one in api.get(f"/v3/core/syncs/{again['sync_id']}/jobs")["data"]}
    assert jobs["ECOMMERCE_ORDERS"]["changed"] == 0
    listed = api.rows("/v3/core/syncs", rootfi_company_id=company.ident)
    assert [one["sync_id"] for one in listed] == [again["sync_id"], done["sync_id"]]


@pytest.mark.parametrize("key", [None, "", "ent_live_wrong", "ent_live_" + "x" * 300])
def test_without_a_good_key_nothing_opens(api: Api, reading: Company, key: str | None) -> None:
    stranger = api.with_key(key)
    for method, path in (("GET", "/v4/ecommerce/orders"), ("GET", "/v3/core/companies"), ("POST", "/v3/core/syncs"),
                         ("PUT", "/v4/ecommerce/orders/1"), ("GET", f"/v3/core/companies/{reading.ident}")):
        error = stranger.send(method, path, {} if method != "GET" else None).error(401)
        assert error["code"] == "unauthorized"


@pytest.fixture(scope="module")
def tester(house: House) -> Api:
    """A client with a key of the other environment."""
    made = entrepot(house.home, "keys", "create", "--environment", "test", **house.environment)
    assert made.returncode == 0, made.stderr
    found = re.search(r"ent_test_\S+", made.stdout)
    assert found, made.stdout
    return house.api.with_key(found[0])


BODIES: dict[str, Json] = {
    "invite_links": {"integration_categories": ["ECOMMERCE"]},
    "connections": {"integration_type": SANDBOX, "credentials": {"token": "demo-token"}},
    "syncs": {"integration_type": SANDBOX, "full_sync": True, "data_models_to_sync": []},
}


SINGLE = ("/companies/{company_id}", "/connections/{connection_id}", "/syncs/{sync_id}", "/syncs/jobs/{job_id}",
          "/invite_links/{invite_link_id}")
METHODS = ("get", "post", "put", "patch", "delete")


def calls(api: Api) -> list[tuple[str, str]]:
    """Every call of both documents."""
    found = set()
    for version in ("v3", "v4"):
        for path, methods in api.get(f"/openapi/{version}.json")["paths"].items():
            found |= {(method.upper(), path) for method in methods if method in METHODS}
    return sorted(found)


def test_the_other_environments_key_opens_nothing(house: House, api: Api, tester: Api, reading: Company) -> None:
    """The data's calls and the core's single things with ids of the live environment answer 404, or nothing, or that
    something is missing. (All calls, inside the process: tests/api/test_isolation.py.)"""
    mine = records(api, reading)
    sync = api.rows("/v3/core/syncs", rootfi_company_id=reading.ident)[0]
    ids = {"company_id": reading.ident, "sync_id": sync["sync_id"], "connection_id": reading.connection_id,
           "job_id": api.get(f"/v3/core/syncs/{sync['sync_id']}/jobs")["data"][0]["rootfi_id"],
           "invite_link_id": api.get(f"/v3/core/companies/{reading.ident}")["data"]["invite_link"]["invite_link_id"]}
    before, tried = house.traces(reading), 0
    for method, template in calls(api):
        if "/ecommerce/" not in template and not template.endswith(SINGLE):
            continue
        model = template.split("/")[3]
        for ident in mine.get(model, [{}])[0].values() or [""]:
            path = re.sub(r"\{(\w+)\}", lambda name: str(ids.get(name[1], ident)), template)  # noqa: B023
            body = {"company_id": reading.ident, **BODIES.get(model, {"data": mine.get(model, [{}, {}])[1:2] or [{}]})}
            for query in ("", f"?company_id={reading.ident}", f"?rootfi_company_id={reading.ident}"):
                answer = tester.send(method, path + query, body if method != "GET" else None)
                tried += 1
                assert answer.status in (200, 400, 404), (method, path, answer.body)
                if answer.status == 200:
                    assert answer.json["data"] == [], (method, path)
                elif answer.status == 400:
                    assert answer.error()["field"] != "connection_id", (method, path, answer.body)
    assert tried > 100
    assert house.traces(reading) == before
    # And it works for what is its own.
    link = tester.post("/v3/core/invite_links", BODIES["invite_links"]).ok()["data"]
    assert tester.get("/v3/core/companies")["data"][0]["rootfi_id"] == link["rootfi_company_id"]
    assert api.ask(f"/v3/core/companies/{link['rootfi_company_id']}", {}).error(404)


def records(api: Api, company: Company) -> dict[str, list[Json]]:
    """For each model: the three ids of a live record, and a body to write it with."""
    found: dict[str, list[Json]] = {}
    for model in ("contacts", "customers", "items", "products", "orders", "fulfillments", "inventories",
                  "transactions", "balances", "company_info"):
        version = "v3" if model == "customers" else "v4"
        record = api.get(f"/{version}/ecommerce/{model}", company_id=company.ident, limit=1)["data"][0]
        ids = {name: record[name] for name in ("rootfi_id", "platform_id", "platform_unique_id")}
        found[model] = [ids, {name: record[name] for name in ("name", "status", "quantity") if name in record}]
    return found


def test_a_key_may_do_only_what_it_says(house: House, api: Api, reading: Company) -> None:
    made = entrepot(house.home, "keys", "create", "--scopes", "read", **house.environment)
    found = re.search(r"ent_live_\S+", made.stdout)
    assert found, made.stdout + made.stderr
    reader = api.with_key(found[0])
    assert reader.get("/v4/ecommerce/orders", company_id=reading.ident, limit=1)["data"]
    for method, path in (("POST", "/v4/ecommerce/contacts"), ("PUT", "/v4/ecommerce/contacts/1"),
                         ("POST", "/v3/core/syncs"), ("POST", "/v3/core/invite_links"),
                         ("POST", "/v4/core/connections")):
        assert reader.send(method, path, {"company_id": reading.ident}).error(403)["code"] == "forbidden"
