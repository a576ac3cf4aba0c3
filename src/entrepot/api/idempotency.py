"""Safe writes: a request with an Idempotency-Key takes effect once, however often it is sent.

Everything that changes something goes through one of these. The key and the answer are kept in the transaction of the
effect, so that a crash leaves both or neither.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from entrepot.api.endpoint import Call, Reply
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params
from entrepot.store.store import Session

HEADER = b"idempotency-key"
_KEY = re.compile(rb"[\x21-\x7e]{1,255}")


def key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key of a request, None where none was sent. ApiError 400 for one that cannot be kept."""
    for name, value in headers:
        if name == HEADER:
            if not _KEY.fullmatch(value):
                raise invalid_params("Idempotency-Key", "Send 1 to 255 visible ASCII characters, a UUID say.")
            return value.decode("ascii")
    return None


async def effect(engine: Engine, call: Call, work: Callable[[Session], Reply]) -> Reply:
    """An effect that is one transaction: run it, and keep its answer with the call's key in the same commit.

    Where the answer has a ``kept``, that is what is kept in its place: an answer with a secret never lies at rest.
    """
    return await engine.store.writing(call.scope, work)
