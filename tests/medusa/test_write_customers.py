"""Customers written through the connector, as they then stand in Medusa."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from entrepot.errors import OutcomeUnknown, Rejected
from entrepot.kit.shop import ShopClient
from entrepot.kit.transport import NoReply, Reply, Request
from entrepot.model.base import Address
from entrepot.model.ecommerce.customer import Customer
from tests.medusa.shops import MEDUSA, Meddling, RealMedusa, change, read_back, with_shop, write, written

SENT = datetime(2024, 1, 22, 5, 7, 31, 465000, tzinfo=UTC)
GIVEN = ("name", "email", "phone", "currency_id", "status", "updated_at", "created_at", "addresses")


def documented() -> Customer:
    """The customer of the contract's documented call: no e-mail, a currency that is none, a country of three letters,
    and ids that are only to be given back."""
    return Customer(
        platform_unique_id="", name="John Doe", email="", phone="1234567890", currency_id="1234567890",
        status="active", created_at=SENT, updated_at=SENT,
        addresses=[Address(
            given_rootfi_id=278264, given_platform_id="CONTACTS_1af68894-ea9f-ee11-be36-7c1e520f50bc_ADDRESS",
            street="123 Main Street", locality="Main Street", city="New York", state="New York",
            postal_code="123456", country="USA",
        )],
    )


def theirs(medusa: RealMedusa, ident: str | None) -> Any:
    """The customer as Medusa answers it."""
    return medusa.admin.get(f"/admin/customers/{ident}", fields="*,*addresses")["customer"]


def test_the_documented_customer(medusa: RealMedusa) -> None:
    ours = written(medusa, "customer", change("create", documented(), GIVEN, marker="doc-1"), Customer)
    assert (ours.name, ours.email, ours.phone, ours.currency_id, ours.status) == (
        "John Doe", None, "1234567890", "1234567890", "active")
    assert (ours.created_at, ours.updated_at) == (SENT, SENT)
    address = ours.addresses[0]
    sent = documented().addresses[0]
    for name in ("street", "locality", "city", "state", "postal_code", "country", "given_rootfi_id",
                 "given_platform_id"):
        assert getattr(address, name) == getattr(sent, name), name
    there = theirs(medusa, ours.platform_unique_id)
    assert (there["first_name"], there["last_name"], there["email"]) == ("John", "Doe", None)
    assert there["metadata"]["entrepot"]["operation"] == "doc-1"
    assert there["addresses"][0]["country_code"] == "us"


def test_twice_the_same_without_an_email_are_two(medusa: RealMedusa) -> None:
    once = written(medusa, "customer", change("create", documented(), GIVEN), Customer)
    again = written(medusa, "customer", change("create", documented(), GIVEN), Customer)
    assert once.platform_unique_id != again.platform_unique_id


def test_an_email_that_is_taken(medusa: RealMedusa) -> None:
    record = Customer(platform_unique_id="", name="Somebody", email="buyer1@example.test")
    with pytest.raises(Rejected) as refusal:
        written(medusa, "customer", change("create", record, ("name", "email")), Customer)
    assert (refusal.value.code, refusal.value.field) == ("record-already-exists", "email")


def test_an_email_that_is_none(medusa: RealMedusa) -> None:
    record = Customer(platform_unique_id="", name="Somebody", email="not an address")
    with pytest.raises(Rejected) as refusal:
        written(medusa, "customer", change("create", record, ("name", "email")), Customer)
    assert (refusal.value.code, refusal.value.field) == ("invalid-params", "email")


def test_a_customer_without_anything_is_refused_before_medusa_is_called(medusa: RealMedusa) -> None:
    with pytest.raises(Rejected) as refusal:
        written(medusa, "customer", change("create", Customer(platform_unique_id=""), ()), Customer)
    assert (refusal.value.code, refusal.value.field) == ("missing-params", "name")


def test_a_refused_address_leaves_no_customer(medusa: RealMedusa) -> None:
    before = len(list(medusa.admin.every("/admin/customers", "customers")))

    def no_addresses(request: Request) -> Reply | None:
        refused = request.method == "POST" and "/addresses" in request.target
        return Reply(400, {"content-type": "application/json"}, b'{"message":"no"}') if refused else None

    with pytest.raises(Rejected) as refusal:
        with_shop(medusa, lambda shop: write(shop, "customer", change("create", documented(), GIVEN)),
                  through=lambda inner: Meddling(inner, no_addresses))
    assert refusal.value.field == "addresses[0]"
    assert len(list(medusa.admin.every("/admin/customers", "customers"))) == before


def test_an_update_keeps_what_it_does_not_name(medusa: RealMedusa) -> None:
    made = written(medusa, "customer", change("create", documented(), GIVEN, marker="keep-1"), Customer)
    ident = made.platform_unique_id
    medusa.admin.post(f"/admin/customers/{ident}", {"metadata": {"theirs": "stays"}})
    record = Customer(platform_unique_id="", phone="99", status="archived", email="john@example.test",
                      addresses=[Address(city="Boston")])
    ours = written(medusa, "customer", change("update", record, ("phone", "status", "email", "addresses"),
                                              target=ident), Customer)
    assert (ours.name, ours.phone, ours.status, ours.currency_id) == ("John Doe", "99", "archived", "1234567890")
    assert ours.email == "john@example.test"
    assert [(one.city, one.street) for one in ours.addresses] == [("Boston", "123 Main Street")]
    there = theirs(medusa, ident)["metadata"]
    assert there["theirs"] == "stays"
    assert there["entrepot"]["operation"] == "keep-1"


def test_a_name_changed_in_the_shop_is_the_name(medusa: RealMedusa) -> None:
    made = written(medusa, "customer", change("create", documented(), GIVEN), Customer)
    medusa.admin.post(f"/admin/customers/{made.platform_unique_id}", {"first_name": "Jack"})
    record = Customer(platform_unique_id="", phone="1")
    ours = written(medusa, "customer", change("update", record, ("phone",), target=made.platform_unique_id), Customer)
    assert ours.name == "Jack Doe"


def test_an_answer_that_was_lost_is_found_again(medusa: RealMedusa) -> None:
    """Made, and then the line breaks before the address is there: found by the marker, and finished."""
    since = datetime.now(UTC).isoformat()
    wanted = change("create", documented(), GIVEN, marker="lost-1")

    def lose(request: Request) -> Exception | None:
        made = request.method == "POST" and "/admin/customers?" in request.target
        return NoReply("reset", "lost") if made else None

    with pytest.raises(OutcomeUnknown):
        with_shop(medusa, lambda shop: write(shop, "customer", wanted),
                  through=lambda inner: Meddling(inner, lose, after=True))

    async def settle(shop: ShopClient) -> Customer | None:
        action = MEDUSA.connector.action("customer", "create")
        assert action is not None
        assert action.find is not None
        assert await action.find(shop, change("create", documented(), GIVEN, marker="never"), since[:19] + "Z") is None
        found = await action.find(shop, wanted, since[:19] + "Z")
        assert found is not None
        family, _ = await read_back(shop, "customer", wanted, found)
        record = family.parent.record
        return record if isinstance(record, Customer) else None

    ours = with_shop(medusa, settle)
    assert ours is not None
    assert ours.addresses[0].city == "New York"
