"""The test shop: a tea merchant with three currencies, two warehouses, ten teas and as many orders as asked for."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field

from tests.medusa.bench.admin import Door, buyer, key_holder, owner
from tests.medusa.bench.place import ADMIN_EMAIL, ADMIN_PASSWORD, Place

BUYERS = 5
TEAS = 12
PUBLISHED = 10
PROMOTION = "FIRSTCUP"


@dataclass
class Shop:
    """What the seed made, for tests to begin from; kept in ``shop-<port>.json``."""

    base_url: str
    secret_key: str
    publishable_key: str
    sales_channel: str = ""
    profile: str = ""
    regions: dict[str, str] = field(default_factory=dict)
    """Currency to region id."""
    locations: list[str] = field(default_factory=list)
    shipping: dict[str, str] = field(default_factory=dict)
    """Currency to shipping option id."""
    customers: list[str] = field(default_factory=list)
    variants: list[str] = field(default_factory=list)
    """Of published products, two each."""
    orders: list[str] = field(default_factory=list)
    """Oldest first."""


@dataclass(frozen=True)
class Market:
    """Where the merchant sells."""

    name: str
    currency: str
    countries: tuple[str, ...]
    tax: float
    inclusive: bool
    warehouse: int
    shipping: float
    factor: float
    """Prices, in tens of the base price."""


MARKETS = (
    Market("Continent", "eur", ("de", "fr"), 19, inclusive=False, warehouse=0, shipping=4.9, factor=1),
    Market("States", "usd", ("us",), 7, inclusive=False, warehouse=1, shipping=6.5, factor=1.25),
    Market("Japan", "jpy", ("jp",), 10, inclusive=True, warehouse=1, shipping=700, factor=160),
)
WAREHOUSES = (("Hamburg", "de"), ("Oakland", "us"))


def seed(place: Place) -> Shop:
    """Fill a new shop; its oldest order is the first."""
    master = owner(place.url, ADMIN_EMAIL, ADMIN_PASSWORD)
    secret = master.post("/admin/api-keys", {"title": "entrepot", "type": "secret"})["api_key"]["token"]
    public = master.post("/admin/api-keys", {"title": "storefront", "type": "publishable"})["api_key"]
    shop = Shop(place.url, secret, public["token"])
    door = key_holder(place.url, secret)
    _counter(door, master, shop, public["id"])
    _markets(door, shop)
    _teas(door, shop)
    _buyers(door, shop)
    door.post("/admin/promotions", {
        "code": PROMOTION, "type": "standard", "status": "active", "is_automatic": False,
        "application_method": {"type": "percentage", "target_type": "items", "allocation": "across", "value": 10},
    })
    _orders(buyer(place.url, shop.publishable_key), shop, place.orders)
    place.file("shop.json").write_text(json.dumps(asdict(shop), indent=1))
    return shop


def known(place: Place) -> Shop:
    """The shop that an earlier seed made."""
    return Shop(**json.loads(place.file("shop.json").read_text()))


def _counter(door: Door, master: Door, shop: Shop, public_key: str) -> None:
    """Store, sales channel, shipping profile."""
    store = door.get("/admin/stores")["stores"][0]["id"]
    currencies = [{"currency_code": one.currency, "is_default": one.currency == "eur"} for one in MARKETS]
    door.post(f"/admin/stores/{store}", {"name": "Leaf & Kettle", "supported_currencies": currencies})
    # Medusa makes a preference for each currency by itself.
    for preference in door.get("/admin/price-preferences", limit=100)["price_preferences"]:
        if preference["value"] in [one.currency for one in MARKETS if one.inclusive]:
            door.post(f"/admin/price-preferences/{preference['id']}", {"is_tax_inclusive": True})
    shop.sales_channel = door.get("/admin/sales-channels")["sales_channels"][0]["id"]
    master.post(f"/admin/api-keys/{public_key}/sales-channels", {"add": [shop.sales_channel]})
    profiles = door.get("/admin/shipping-profiles")["shipping_profiles"]
    if not profiles:
        profiles = [door.post("/admin/shipping-profiles", {"name": "Parcels", "type": "default"})["shipping_profile"]]
    shop.profile = profiles[0]["id"]


def _markets(door: Door, shop: Shop) -> None:
    """Regions with taxes, warehouses that ship to them, one shipping option each."""
    sets = [_warehouse(door, shop, name, country) for name, country in WAREHOUSES]
    for one in MARKETS:
        region = door.post("/admin/regions", {
            "name": one.name, "currency_code": one.currency, "countries": list(one.countries),
            "payment_providers": ["pp_system_default"], "is_tax_inclusive": one.inclusive,
        })["region"]["id"]
        shop.regions[one.currency] = region
        for country in one.countries:
            door.post("/admin/tax-regions", {
                "country_code": country, "provider_id": "tp_system",
                "default_tax_rate": {"rate": one.tax, "code": f"vat-{country}", "name": f"VAT {country}"},
            })
        zones = [{"type": "country", "country_code": country} for country in one.countries]
        zone = door.post(f"/admin/fulfillment-sets/{sets[one.warehouse]}/service-zones",
                         {"name": f"to {one.name}", "geo_zones": zones})["fulfillment_set"]["service_zones"][-1]["id"]
        shop.shipping[one.currency] = door.post("/admin/shipping-options", {
            "name": f"Post to {one.name}", "service_zone_id": zone, "shipping_profile_id": shop.profile,
            "provider_id": "manual_manual", "price_type": "flat", "rules": [],
            "type": {"label": "Post", "description": "a few days", "code": "post"},
            "prices": [{"currency_code": one.currency, "amount": one.shipping}],
        })["shipping_option"]["id"]


def _warehouse(door: Door, shop: Shop, name: str, country: str) -> str:
    address = {"address_1": "7 Quay", "city": name, "country_code": country, "postal_code": "20457"}
    ident = door.post("/admin/stock-locations", {"name": name, "address": address})["stock_location"]["id"]
    path = f"/admin/stock-locations/{ident}"
    door.post(f"{path}/sales-channels", {"add": [shop.sales_channel]})
    door.post(f"{path}/fulfillment-providers", {"add": ["manual_manual"]})
    door.post(f"{path}/fulfillment-sets", {"name": f"{name} parcels", "type": "shipping"})
    shop.locations.append(ident)
    sets = door.get(path, fields="id,fulfillment_sets.id")["stock_location"]["fulfillment_sets"]
    return str(sets[0]["id"])


def _teas(door: Door, shop: Shop) -> None:
    """Each tea in two sizes, priced in every currency, stocked in both warehouses."""
    for number in range(1, TEAS + 1):
        prices = [{"currency_code": one.currency, "amount": round((4 + number) * one.factor, 2)} for one in MARKETS]
        tea = door.post("/admin/products", {
            "title": f"Tea {number}", "description": f"The leaf of garden {number}.", "weight": 120,
            "status": "published" if number <= PUBLISHED else "draft", "shipping_profile_id": shop.profile,
            "sales_channels": [{"id": shop.sales_channel}], "options": [{"title": "Tin", "values": ["100 g", "250 g"]}],
            "variants": [
                {"title": size, "sku": f"TEA-{number:02}-{size[:3]}", "barcode": f"42{number:05}{size[:3]}",
                 "manage_inventory": True, "options": {"Tin": size}, "prices": prices}
                for size in ("100 g", "250 g")
            ],
        })["product"]
        if number <= PUBLISHED:
            shop.variants += [variant["id"] for variant in tea["variants"]]
    door.post("/admin/inventory-items/location-levels/batch", {"create": [
        {"inventory_item_id": item["id"], "location_id": location, "stocked_quantity": pieces}
        for item in door.every("/admin/inventory-items", "inventory_items", fields="id")
        for location, pieces in zip(shop.locations, (500, 300), strict=True)
    ]})


def _buyers(door: Door, shop: Shop) -> None:
    for number in range(1, BUYERS + 4):
        ident = door.post("/admin/customers", {
            "email": f"buyer{number}@example.test", "first_name": f"Bo{number}", "last_name": "Tanaka",
            "phone": f"+81300000{number:02}",
        })["customer"]["id"]
        shop.customers.append(ident)
        door.post(f"/admin/customers/{ident}/addresses", {
            "first_name": f"Bo{number}", "last_name": "Tanaka", "address_1": f"{number} Kettle Lane", "city": "Kobe",
            "postal_code": "650-0001", "country_code": "jp",
        })


def _orders(front: Door, shop: Shop, count: int) -> None:
    """A few at a time: Medusa is one process, and half of an order's second is spent waiting for its database."""
    with ThreadPoolExecutor(3) as crew:
        made = list(crew.map(lambda number: _order(front, shop, number), range(count)))
    shop.orders = sorted(made)  # ULIDs: by age


def _order(front: Door, shop: Shop, number: int) -> str:
    """Bought through the storefront: every tenth in yen, a third of the rest in dollars, every twentieth reduced."""
    market = MARKETS[2] if number % 10 == 9 else MARKETS[1] if number % 3 == 1 else MARKETS[0]
    address = {"first_name": "Bo", "last_name": "Tanaka", "address_1": f"{number} Kettle Lane", "city": "Town",
               "postal_code": "10115", "country_code": market.countries[0]}
    teas = len(shop.variants)
    cart = front.post("/store/carts", {
        "region_id": shop.regions[market.currency], "email": f"buyer{number % BUYERS + 1}@example.test",
        "shipping_address": address, "billing_address": address,
        "items": [{"variant_id": shop.variants[number % teas], "quantity": 1 + number % 3},
                  {"variant_id": shop.variants[(number + 5) % teas], "quantity": 1}],
    })["cart"]["id"]
    if number % 20 == 10:
        front.post(f"/store/carts/{cart}/promotions", {"promo_codes": [PROMOTION]})
    front.post(f"/store/carts/{cart}/shipping-methods", {"option_id": shop.shipping[market.currency]})
    paying = front.post("/store/payment-collections", {"cart_id": cart})["payment_collection"]["id"]
    front.post(f"/store/payment-collections/{paying}/payment-sessions", {"provider_id": "pp_system_default"})
    return str(front.post(f"/store/carts/{cart}/complete")["order"]["id"])
