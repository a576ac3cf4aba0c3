"""The documents' own words: what the API is, in a page, and what each group of calls is about."""

from __future__ import annotations

from collections.abc import Iterable

SUMMARY = "One schema over every connected shop"

ABOUT = """\
A company connects its shops through an invite link. Entrepot keeps their customers, orders, products, inventories,
fulfillments, transactions, balances and company info in one schema, writes back, and tells you what changed.

**Keys.** Send an API key in the header `api_key` (or `X-Api-Key`, or `Authorization: Bearer`). It opens one environment
of one organisation and carries scopes: `read`, `write`, `passthrough`, `admin` (all three) and, apart, `credentials`.
Each call names the one it needs.

**Lists** are pages of `limit` records in the order of `rootfi_id`; follow `next` until it is null. Filter with
`field[operator]=value` (eq, ne, gt, gte, lt, lte, in, contains), sort with `sort[field]=ASC`, add `expand` and
`select`. An unknown parameter is refused, never ignored.

**Ids.** In a path, digits alone are a `rootfi_id`; anything else is a `platform_id` or the platform's own id.

**Freshness.** Every answer says in `X-Entrepot-Via` whether it came from the store or live from the platform, and in
`X-Entrepot-As-Of` how fresh it is. Until the first sync of a data model has ended, lists say
`X-Entrepot-Complete: false`.

**Safe writes.** Send `Idempotency-Key` with whatever changes something, and repeat it as often as you like. Writes go
to the platform first; what it refuses is told with its own words in `platform_error`.

**Limits.** A key may make so many requests a minute (`X-RateLimit-*`); more are answered with 429 and `Retry-After`.

**Errors** all look alike: `{"error": {"code", "message", "field", "platform_error"}}`. The message says what to send.
"""

TAGS = {
    "health": "For load balancers and whoever watches the server. No key is asked for, except where it says so.",
    "invite links": "A link makes a company and lets its owner connect a shop in the browser.",
    "companies": "Your customers. Each has one or more connections, each into one shop.",
    "connections": "The ways into a company's shops: made with credentials that are probed first, and shut again.",
    "integrations": "The platforms that this installation can connect to, and the OAuth apps they are opened with.",
    "syncs": "Reading a shop: ask for it, watch it by its jobs, and set how often it happens by itself. Writes appear "
             "here too.",
    "sync config": "How often each data model is read, by company and by default.",
    "passthrough": "A call to the platform's own API, with the credentials that are kept here.",
    "real time": "One live read of a data model, mapped to the unified schema.",
    "webhooks": "Where events go to: signed, in order per record, and tried for days.",
    "webhook logs": "What was sent, how it was taken, and sending it again.",
    "api keys": "The keys of this organisation: made, rotated, revoked.",
    "erasures": "Deleting a company's data for good, with progress and a receipt.",
    "customers": "Who buys.",
    "contacts": "Who buys, and who is written to.",
    "products": "What is sold.",
    "items": "What is sold, with its variants and prices.",
    "orders": "What was bought, with lines, addresses, totals and where it stands.",
    "fulfillments": "What was shipped, and how it is tracked.",
    "inventories": "How much of what is where.",
    "transactions": "What was paid and paid back.",
    "balances": "What the platform holds for the shop.",
    "company_info": "The shop itself.",
}
"""Every tag, in the order in which they are shown."""


def tags(used: Iterable[str]) -> list[dict[str, str]]:
    """The tags that are in use, in their order; those of which nothing is said come last."""
    wanted = dict.fromkeys(used)
    known = [{"name": name, "description": about} for name, about in TAGS.items() if name in wanted]
    return [*known, *({"name": name} for name in wanted if name not in TAGS)]
