"""The words that the imaginary shop is made of. Every person, firm and street is invented."""

from __future__ import annotations

from typing import NamedTuple

SHOP_NAME = "Harbour & Hearth"
LEGAL_NAME = "Harbour & Hearth Imaginary Trading GmbH"


class Place(NamedTuple):
    """A town of the imaginary world, with the currency that people there pay in."""

    street: str
    quarter: str | None
    city: str
    region: str | None
    postcode: str
    country: str
    dial: str


FIRST = (
    "Amalia", "Björn", "Chiara", "Dmitri", "Élodie", "Farah", "Goran", "Hanna", "Ícaro", "Jana", "Kenji", "Łucja",
    "Márton", "Nadia", "Óscar", "Priya", "Quinn", "Rosa", "Søren", "Tomás", "Ursula", "Vikram", "Wanda", "Ximena",
    "Yuki", "Zoë", "Ayşe", "Bilal", "Ceyda", "Đorđe", "Emeka", "Fiona", "Γιώργος", "Hyun-woo", "Иван", "Joy",
    "さくら", "Leïla", "Mbali", "Noor",
)
LAST = (
    "Almeida", "Bergström", "Castellane", "Dvořáková", "Eriksen", "Fjordheim", "García-Núñez", "Halvorsen", "Ibáñez",
    "Jovanović", "Kowalczyk", "Lindqvist", "Müller-Lüdenscheidt", "Nakamura", "O'Hare", "Papadakis", "Quisling-Moor",
    "Rasmussen", "Šimůnek", "Tanaka", "Uusitalo", "Vandermolen", "Wójcik", "Xanthou", "Yıldırım", "Zieliński",
    "Abara", "Brightwater", "Castlemere", "Dunmore", "Everglade", "田中", "Петров", "Grünwald",
)
PLACES = (
    Place("Lärchengasse", None, "Neustadt am Steg", "Bavaria", "80999", "DE", "+49 30"),
    Place("Brückenweg", "Hafen", "Alt-Kranich", "Hamburg", "20999", "DE", "+49 40"),
    Place("Rue des Tilleuls", None, "Sainte-Brume", "Normandie", "76999", "FR", "+33 1"),
    Place("Calle del Faro", "Centro", "Puerto Claro", "Cádiz", "11999", "ES", "+34 91"),
    Place("Willow Lane", None, "Little Fernby", "Kent", "CT99 1ZZ", "GB", "+44 20"),
    Place("Quay Street", None, "Port Marrow", "Devon", "EX99 2ZZ", "GB", "+44 20"),
    Place("Maple Avenue", None, "Cedar Hollow", "NY", "10099", "US", "+1 555"),
    Place("Sunset Boulevard", "Westside", "Mesa Linda", "CA", "90099", "US", "+1 555"),
    Place("Orchard Road", None, "Bluewater", "TX", "75099", "US", "+1 555"),
    Place("桜通り", "中央区", "青葉市", "東京都", "100-0999", "JP", "+81 3"),
    Place("港町", None, "月見市", "大阪府", "530-0999", "JP", "+81 6"),
    Place("Pearl Street", "Block 4", "Al Nawras", None, "13999", "KW", "+965"),
    Place("Storgatan", None, "Björkvik", "Skåne", "219 99", "SE", "+46 8"),
    Place("Strandvägen", None, "Ängsholm", "Stockholm", "119 99", "SE", "+46 8"),
    Place("Kungsgatan", None, "Norrsund", None, "899 99", "SE", "+46 8"),
    Place("Via dei Glicini", None, "Borgo Sereno", "TO", "10999", "IT", "+39 011"),
)
FIRMS = ("Lantern Works", "Northgate Supply", "Ateljé Öst", "Petit Four & Co", "Mill & Mortar", "Foxglove Studio")

GOODS = (
    ("Mug", "kitchen", 1290, 380), ("Lantern", "light", 3490, 1200), ("Wool Blanket", "textiles", 8900, 1400),
    ("Candle", "light", 1450, 300), ("Tea Towel", "textiles", 990, 120), ("Bread Knife", "kitchen", 4200, 260),
    ("Rain Coat", "clothing", 12900, 900), ("Fisherman's Sweater", "clothing", 9900, 800),
    ("Notebook", "paper", 1190, 250), ("Fountain Pen", "paper", 5400, 60), ("Tide Clock", "home", 7900, 700),
    ("Doormat", "home", 3900, 2100), ("Soap Bar", "bath", 650, 110), ("Bath Salts", "bath", 1590, 600),
    ("Linen Apron", "kitchen", 3600, 320), ("Enamel Pot", "kitchen", 5900, 1800),
)
MANNERS = (
    "Harbour", "Hearth", "Nordlicht", "Café", "Señorita", "Œuvre", "Møn", "Driftwood", "Salt & Sand", "Fog",
    "Lighthouse", "Gull", "Juniper", "Copper", "Slate", "Kelp", "Amber", "Winter",
)
VENDORS = ("Hearth Own", "Tidewater Makers", "Öresund Form", "Atelier Brume", "Kranich & Söhne")
SIZES = ("XS", "S", "M", "L", "XL")
COLOURS = ("Ink", "Moss", "Sand", "Rosé", "Cloud", "Rust")
CARRIERS = (
    ("Pelican Post", "PP", "standard"), ("Gannet Express", "GX", "express"), ("Red Fox Freight", "RF", "freight"),
)
CAMPAIGNS = ("none", "spring-letter", "lighthouse-week", "returning", "gift-guide")
PAGES = ("/", "/kitchen", "/textiles", "/sale", "/gifts?from=letter", "/search?q=lantern")
