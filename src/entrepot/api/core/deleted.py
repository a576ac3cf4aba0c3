"""What a DELETE of the core answers."""

from __future__ import annotations

import msgspec

from entrepot.api.endpoint import Reply


class Deleted(msgspec.Struct):
    """It is gone."""

    status: str = "success"


class Erasing(msgspec.Struct):
    """It is gone for callers, and its data is being removed: see ``GET /v4/core/erasures/{erasure_id}``."""

    erasure_id: int
    status: str = "success"


def reply(answer: Deleted | Erasing) -> Reply:
    """Nobody's data is in it, so that what is kept of it for a repeat stays when the company's goes."""
    return Reply(msgspec.json.encode(answer), company_id=0)
