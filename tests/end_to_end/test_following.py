"""Following a shop: whoever polls by ``rootfi_updated_at[gte]`` misses nothing, and deletions are seen and undone."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.end_to_end.client import Api, Json
from tests.end_to_end.house import Company, House

CONTACTS = "/v4/ecommerce/contacts"
WRITERS = 4
WRITES = 12
Version = tuple[int, str]


@pytest.fixture(scope="module")
def followed(house: House) -> Company:
    company = house.company(25)
    house.sync(company)
    return company


class Poller:
    """Asks for what changed since the newest change that it knows, page by page, over and over."""

    def __init__(self, api: Api, company: Company) -> None:
        self._api, self._company = api, company
        self.newest = "1970-01-01T00:00:00.000Z"
        self.seen: dict[Version, Json] = {}
        self.rounds = 0

    def once(self) -> int:
        """One round; answers how many versions were new."""
        before, self.rounds = len(self.seen), self.rounds + 1
        params = {"company_id": self._company.ident, "rootfi_updated_at[gte]": self.newest, "limit": 7,
                  "sort[rootfi_updated_at]": "ASC", "include_deleted_records": True}
        for page in self._api.pages(CONTACTS, params):
            for row in page["data"]:
                self.seen[row["rootfi_id"], row["rootfi_updated_at"]] = row
                self.newest = max(self.newest, row["rootfi_updated_at"])
        return len(self.seen) - before

    def until(self, done: threading.Event) -> None:
        """Rounds until ``done``, and a last one."""
        while not done.is_set():
            self.once()
        self.once()


def writer(house: House, company: Company, number: int) -> list[Json]:
    """Creates and changes contacts; what was answered."""
    api, made = house.api, []
    for turn in range(WRITES):
        if turn % 3 == 0:
            body = {"company_id": company.ident, "data": [{"name": f"Writer {number}-{turn}"}]}
            answer = api.post(CONTACTS, body).ok()["data"][0]
        else:
            answer = api.put(f"{CONTACTS}/{answer['rootfi_id']}", {"data": [{"phone": f"{number}{turn}"}]}).ok()
        made.append(answer)
    return made


def shopkeeper(house: House, company: Company) -> None:
    """Edits buyers behind Entrepot's back, and has the shop read again."""
    buyers = [one["id"] for one in company.shop.rows("/buyers")][:8]
    for turn in range(3):
        for ident in buyers:
            company.shop.call("PATCH", f"/buyers/{ident}", {"note": f"turn {turn}", "phone": f"55{turn}"})
        house.sync(company, data_models_to_sync=["ECOMMERCE_CUSTOMERS"])


def test_a_poller_sees_every_change_of_everybody(house: House, followed: Company) -> None:
    poller, done = Poller(house.api, followed), threading.Event()
    poller.once()
    with ThreadPoolExecutor(WRITERS + 2) as pool:
        polling = pool.submit(poller.until, done)
        reading = pool.submit(shopkeeper, house, followed)
        writing = [pool.submit(writer, house, followed, number) for number in range(WRITERS)]
        answers = {(row["rootfi_id"], row["rootfi_updated_at"]): row for one in writing for row in one.result()}
        reading.result()
        done.set()
        polling.result()
    answered = list(answers)
    rows = house.api.rows(CONTACTS, company_id=followed.ident, include_deleted_records=True)
    rows_by_id = {row["rootfi_id"]: row for row in rows}
    final = {(row["rootfi_id"], row["rootfi_updated_at"]): row for row in rows}
    assert not set(final) - set(poller.seen), "a late commit was missed"
    assert {version: poller.seen[version] for version in final} == final
    last = dict(final.keys())
    for ident, at in answered:
        assert last[ident] >= at, "a change was answered and is not there"
    newest = dict(sorted(answered, key=lambda version: version[1]))
    for ident, at in newest.items():
        # Nobody but the writer touches these: what it was answered last is what stays, whatever was read meanwhile.
        assert rows_by_id[ident]["phone"] == answers[ident, at]["phone"]
    assert len(answered) == WRITERS * WRITES, "two changes of one record share a time"
    # What did not change since is not told again: only what carries the newest time itself.
    assert poller.once() == 0
    again = house.api.rows(CONTACTS, **{"company_id": followed.ident, "rootfi_updated_at[gt]": poller.newest})
    assert again == []


def test_what_did_not_change_keeps_its_time(house: House, followed: Company) -> None:
    before = house.api.rows(CONTACTS, company_id=followed.ident)
    done = house.sync(followed, full_sync=True)
    assert house.api.rows(CONTACTS, company_id=followed.ident) == before
    jobs = {one["data_model"]: one for one in house.api.get(f"/v3/core/syncs/{done['sync_id']}/jobs")["data"]}
    assert (jobs["ECOMMERCE_CUSTOMERS"]["changed"], jobs["ECOMMERCE_CUSTOMERS"]["deleted"]) == (0, 0)
    assert jobs["ECOMMERCE_CUSTOMERS"]["same"] == jobs["ECOMMERCE_CUSTOMERS"]["fetched"] > 0


@pytest.mark.parametrize("full", [False, True], ids=["incremental", "full"])
def test_what_the_shop_deletes_is_hidden_and_told(house: House, followed: Company, full: bool) -> None:
    api = house.api
    orders = "/v4/ecommerce/orders"
    order = next(one for one in api.rows(orders, company_id=followed.ident) if one["transactions"])
    counted = total(api, orders, followed)
    followed.shop.call("DELETE", f"/orders/{order['platform_unique_id']}")
    house.sync(followed, data_models_to_sync=["ECOMMERCE_ORDERS"], full_sync=full)
    assert total(api, orders, followed) == counted - 1
    assert total(api, orders, followed, include_deleted_records=True) >= counted
    hidden = api.ask(f"{orders}/{order['rootfi_id']}", {}).error(404)
    assert hidden["code"] == "not-found"
    told = api.get(f"{orders}/{order['rootfi_id']}", include_deleted_records=True)
    assert told["rootfi_deleted_at"] == told["rootfi_updated_at"] > order["rootfi_updated_at"]
    since = {"company_id": followed.ident, "rootfi_updated_at[gte]": told["rootfi_updated_at"]}
    assert not [one for one in api.rows(orders, **since) if one["rootfi_id"] == order["rootfi_id"]]
    gone = api.rows(orders, **since, include_deleted_records=True)
    assert order["rootfi_id"] in [one["rootfi_id"] for one in gone]
    for payment in order["transactions"]:
        rows = api.rows("/v4/ecommerce/transactions", company_id=followed.ident, include_deleted_records=True,
                        rootfi_id=payment["rootfi_id"])
        assert rows[0]["rootfi_deleted_at"]
    older = api.rows("/v3/ecommerce/orders", company_id=followed.ident, include_deleted_records=True,
                     rootfi_id=order["rootfi_id"])
    assert older[0]["rootfi_deleted_at"] == told["rootfi_deleted_at"]


def total(api: Api, path: str, company: Company, **more: object) -> int:
    """The count that a list gives."""
    page = api.get(path, company_id=company.ident, return_count=True, limit=1, **more)
    assert page["total_count"] == len(api.rows(path, company_id=company.ident, **more))
    found: int = page["total_count"]
    return found


def test_parents_that_change_are_seen_through_their_children(house: House, followed: Company) -> None:
    """A refund in the shop is a new transaction, a changed order, and nothing else."""
    api = house.api
    order = next(one for one in api.rows("/v4/ecommerce/orders", company_id=followed.ident)
                 if one["payment_status"] == "paid" and one["status"] != "canceled")
    changed: Callable[[str], list[Json]] = lambda path: api.rows(  # noqa: E731
        path, **{"company_id": followed.ident, "rootfi_updated_at[gt]": newest})
    newest = max(one["rootfi_updated_at"] for path in ("orders", "transactions", "fulfillments", "contacts")
                 for one in api.rows(f"/v4/ecommerce/{path}", company_id=followed.ident, include_deleted_records=True))
    followed.shop.call("POST", f"/orders/{order['platform_unique_id']}/refunds", {"amount": "1"})
    house.sync(followed, data_models_to_sync=["ECOMMERCE_ORDERS"])
    refunds = [one for one in changed("/v4/ecommerce/transactions") if one["order_id"] == order["platform_id"]]
    assert [(one["type"], one["amount"]) for one in refunds] == [("refund", 1)]
    after = next(one for one in changed("/v4/ecommerce/orders") if one["rootfi_id"] == order["rootfi_id"])
    assert after["refunded_amount"] == order["refunded_amount"] + 1
    assert refunds[0] in after["transactions"]
    assert [one["rootfi_id"] for one in after["line_items"]] == [one["rootfi_id"] for one in order["line_items"]]
