"""Only what was created since a date: Medusa's filter for it, and proof that it was obeyed.

Medusa takes filters that it does not know with 200 and all rows, so the rows are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.errors import Rejected
from entrepot.kit.json import decode_answer


class _Dated(msgspec.Struct):
    created_at: str = ""


def created_since(sync_from: str | None) -> dict[str, str]:
    """The parameter of a list that is filtered; none without a date."""
    return {} if sync_from is None else {"created_at[$gte]": sync_from}


def young(created_at: str, sync_from: str | None) -> bool:
    """Whether something was created by then or later; both are written as Medusa writes times."""
    return sync_from is None or created_at >= sync_from


def obeyed(rows: Sequence[bytes], sync_from: str | None) -> Sequence[bytes]:
    """The rows, when none is older. Raises Rejected."""
    if sync_from is not None and not all(young(decode_answer(row, _Dated).created_at, sync_from) for row in rows):
        raise Rejected("Medusa does not obey the filter created_at[$gte] here, so nothing can be read from a date on: "
                       "is there a proxy that drops brackets from addresses?", code="operation-denied")
    return rows
