"""The generated articles: what the shop sold from its first day. Small, so it is built once and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import msgspec

from entrepot_simulators.demo import money, words
from entrepot_simulators.demo.chance import Draws
from entrepot_simulators.demo.documents import Article, Choice, Price, Variant
from entrepot_simulators.demo.moments import DAY, HOUR, YEAR, read, written

LISTED = ("EUR", "USD", "GBP", "SEK", "JPY", "KWD")
"""The currencies with a price of their own."""
SHADES = 300
"""One article, the sewing thread, has this many variants."""
_THREAD = 7


class Catalogue:
    """Articles by index; ``first_ms`` is before the first order. They change only by hand."""

    noun = "article"

    def __init__(self, seed: int, size: int, first_ms: int) -> None:
        self.seed = seed ^ 0xA27C
        self.size = size
        self._first = first_ms - YEAR // 4

    @cached_property
    def articles(self) -> list[Article]:
        """All of them."""
        return [self._article(index) for index in range(self.size)]

    @cached_property
    def encoded(self) -> list[bytes]:
        """All of them as the API shows them."""
        return [msgspec.json.encode(article) for article in self.articles]

    def count(self, at: int) -> int:
        """How many articles there are."""
        return self.size

    def changed_ms(self, index: int, now: int) -> int:
        """When the article last changed."""
        return read(self.articles[index].changed_at)

    def changed(self, first: int, since: int, at: int) -> Iterator[int]:
        """The articles from ``first`` on that changed at or after ``since``."""
        return (index for index in range(first, self.size) if self.changed_ms(index, at) >= since)

    def count_changed(self, since: int, at: int) -> int:
        """How many they are."""
        return sum(1 for _ in self.changed(0, since, at))

    def created_ms(self, index: int) -> int:
        """When the article was made."""
        return read(self.articles[index].created_at)

    def first_created(self, since: int, at: int) -> int:
        """They lie in no order of time."""
        return 0

    def shown(self, index: int, now: int) -> bytes:
        """The article as the API shows it."""
        return self.encoded[index]

    def id_of(self, index: int) -> str:
        """The id of an index."""
        return article_id(index)

    def index_of(self, ident: str, at: int) -> int | None:
        """The index of a generated article's id, or None."""
        digits = ident.removeprefix("art_")
        index = int(digits) if digits.isascii() and digits.isdigit() else -1
        return index if 0 <= index < self.size and article_id(index) == ident else None

    def _article(self, index: int) -> Article:
        draws = Draws(self.seed, index)
        thing, category, cents, grams = draws.pick(words.GOODS)
        title = f"{draws.pick(words.MANNERS)} {thing}"
        colours: Sequence[str] = () if index % 3 == 0 else words.COLOURS[: draws.between(1, 3)]
        sizes: Sequence[str] = ()
        if category == "clothing":
            sizes = words.SIZES[: draws.between(2, 5)]
        if index == _THREAD:
            title, cents, grams, sizes = "Sewing Thread", 350, 20, ()
            colours = tuple(f"Shade {shade:03d}" for shade in range(1, SHADES + 1))
        choices = [Choice(name=name, values=list(values)) for name, values in
                   (("Colour", colours), ("Size", sizes)) if values]
        created = self._first + draws.below(YEAR // 4 // HOUR) * HOUR
        updated = created + draws.below(20) * DAY // 3
        return Article(
            id=article_id(index), title=title, text=f"{title}, made to be used every day. Nr. {index + 1}.",
            maker=draws.pick(words.VENDORS), category=category, handle=f"{title.lower().replace(' ', '-')}-{index + 1}",
            page=f"https://harbour.example.com/a/{index + 1}", kind="goods" if index % 25 else "download",
            state=_state(index), tags=[category, "new"] if index % 9 == 0 else [category],
            images=[f"https://img.example.com/a/{index + 1}-{n}.jpg" for n in range(1, 2 + index % 3)],
            choices=choices, variants=self._variants(index, draws, choices, cents, grams),
            created_at=written(created), updated_at=written(updated), changed_at=written(updated),
        )

    def _variants(self, index: int, draws: Draws, choices: list[Choice], cents: int, grams: int) -> list[Variant]:
        picked: list[dict[str, str]] = [{}]
        for choice in choices:
            picked = [{**one, choice.name: value} for one in picked for value in choice.values]
        cents += draws.below(8) * 50
        return [
            Variant(
                id=variant_id(index, number), title=" / ".join(one.values()) or None,
                sku=f"HH-{index + 1:04d}-{number:03d}", ean=f"20{index:06d}{number:04d}0",
                state="live" if number < 12 or index == _THREAD else "retired",
                prices=[_price(cents + 100 * (number % 3), currency, on_sale=index % 8 == 5) for currency in LISTED],
                cost=money.written(cents * 4 // 10, "EUR"), choices=one, tracked=index % 25 != 0, grams=grams,
            )
            for number, one in enumerate(picked, 1)
        ]


def _price(cents: int, currency: str, *, on_sale: bool) -> Price:
    was = money.written(money.priced(cents * 5 // 4, currency), currency) if on_sale else None
    return Price(currency=currency, amount=money.written(money.priced(cents, currency), currency), was=was)


def _state(index: int) -> str:
    if index % 53 == 52:
        return "embargoed"
    return "retired" if index % 17 == 16 else "draft" if index % 29 == 28 else "live"


def article_id(index: int) -> str:
    """``art_00007``."""
    return f"art_{index:05d}"


def variant_id(index: int, number: int) -> str:
    """``var_00007_3``."""
    return f"var_{index:05d}_{number}"
