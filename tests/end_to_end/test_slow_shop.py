"""A shop that takes longer than a caller waits: 202, and the write is done all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import postgres_database, unreachable
from tests.end_to_end.house import Company, House, served

CONTACTS = "/v4/ecommerce/contacts"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def hasty(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server that waits for a second."""
    home = tmp_path_factory.mktemp("hasty") / "home"
    if request.param == "sqlite":
        with served(home, f"sqlite:///{home / 'entrepot.sqlite'}", ENTREPOT_WRITE_WAIT_SECONDS="1") as house:
            yield house
        return
    if why := unreachable():
        pytest.skip(why)
    with postgres_database() as url, served(home, url, ENTREPOT_WRITE_WAIT_SECONDS="1") as house:
        yield house


@pytest.fixture(scope="module")
def company(hasty: House) -> Company:
    return hasty.company(5)


@pytest.mark.parametrize("fault", ["latency=2.5", "throttle=2", "error=503", "lost=504"])
def test_the_caller_is_sent_on_and_the_write_is_done(hasty: House, company: Company, fault: str) -> None:
    api = hasty.api
    company.shop.call("POST", "/control/faults", {"faults": f"{fault}@POST /v1/buyers*1"})
    accepted = api.post(CONTACTS, {"company_id": company.ident, "data": [{"name": f"Slow {fault}"}]}).ok(202)
    assert list(accepted) == ["data", "sync_id"]
    assert accepted["data"] == []
    waiting = api.get(f"/v3/core/syncs/{accepted['sync_id']}")["data"]
    assert waiting["status"] in ("CREATED", "RUNNING")
    assert hasty.ended(accepted["sync_id"])["status"] == "SUCCESS"
    names = [row["name"] for row in api.rows(CONTACTS, company_id=company.ident)]
    assert names.count(f"Slow {fault}") == 1
    assert [row["full_name"] for row in company.shop.rows("/buyers")].count(f"Slow {fault}") == 1


def test_an_update_too(hasty: House, company: Company) -> None:
    api = hasty.api
    made = api.post(f"{CONTACTS}?run_async=true", {"company_id": company.ident, "data": [{"name": "Slowly"}]}).ok(202)
    hasty.ended(made["sync_id"])
    contact = api.rows(CONTACTS, company_id=company.ident, name="Slowly")[0]
    company.shop.call("POST", "/control/faults", {"faults": "latency=2@PATCH /v1/buyers*1"})
    accepted = api.put(f"{CONTACTS}/{contact['rootfi_id']}", {"data": [{"phone": "99"}]}).ok(202)
    assert hasty.ended(accepted["sync_id"])["config_mode"] == "UPDATE"
    assert api.get(f"{CONTACTS}/{contact['rootfi_id']}")["phone"] == "99"
