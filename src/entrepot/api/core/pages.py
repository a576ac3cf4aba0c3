"""Lists of the core: ``limit``, ``next`` (and ``prev``) over ids, and what else a list takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.api.cursor import Cursor, read_cursor, write_cursor
from entrepot.api.endpoint import Parameter
from entrepot.api.query import DEFAULT_LIMIT, MAX_LIMIT, parameters, read_plain
from entrepot.errors import invalid_params

LIMIT = Parameter("limit", f"Records of a page, 1 to {MAX_LIMIT}.",
                  {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT})
NEXT = Parameter("next", "The cursor `next` of the page before.", {"type": "string"})
PREV = Parameter("prev", "The cursor `prev` of the page after.", {"type": "string"})


@dataclass(frozen=True)
class Page:
    """A core list's query."""

    limit: int
    next: int | None
    prev: int | None
    plain: Mapping[str, str]


def read_page(query: bytes, known: frozenset[str]) -> Page:
    """The query with the parameters ``known`` beside limit and next; ``invalid-params`` naming what is wrong."""
    plain = read_plain(parameters(query), known | {"limit", "next"})
    text = plain.get("limit", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= MAX_LIMIT):
        raise invalid_params("limit", f"Send a whole number from 1 to {MAX_LIMIT}.")
    following, previous = plain.get("next", ""), plain.get("prev", "")
    if following and previous:
        raise invalid_params("prev", "Send next or prev, not both.")
    return Page(
        limit=int(text) if text else DEFAULT_LIMIT,
        next=read_cursor(following, "next", None).rootfi_id if following else None,
        prev=read_cursor(previous, "prev", None).rootfi_id if previous else None,
        plain=plain,
    )


def words(plain: Mapping[str, str], name: str, known: frozenset[str]) -> frozenset[str]:
    """A comma list whose words must be ``known``."""
    found = frozenset(word.strip() for word in plain.get(name, "").split(",")) - {""}
    if not found <= known:
        wrong = ", ".join(sorted(found - known))[:100]
        raise invalid_params(name, f"{wrong} is not known here; send {', '.join(sorted(known))}.")
    return found


def edge(ident: int) -> str:
    """The cursor at an id."""
    return write_cursor(Cursor(ident))
