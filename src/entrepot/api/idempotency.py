"""Safe writes: a request with an Idempotency-Key takes effect once, however often it is sent.

Everything that changes something goes through one of three: :func:`effect` (one transaction), ``api/writing.py`` (a
write to a shop) or :func:`unsafe` (an effect elsewhere that nobody can look for). The key and the answer are kept in
the transaction of the effect, so that a crash leaves both or neither.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterable
from hashlib import blake2b

from entrepot.api.endpoint import Call, Reply, Work
from entrepot.api.failures import error_bytes
from entrepot.clock import now_ms
from entrepot.engine.context import Engine
from entrepot.errors import ApiError, NeedsReauth, NotSupported, Rejected, Throttled, invalid_params
from entrepot.store import idempotency as keys
from entrepot.store.idempotency import Kept, Once
from entrepot.store.store import Session

HEADER = b"idempotency-key"
FIELD = "Idempotency-Key"
REPLAYED = (b"idempotent-replayed", b"true")
HOUR_MS = 3_600_000
TWIN_WAIT_S = 5.0
"""So long a repeat waits for an unsafe effect that is on its way."""
LONGEST_UNSAFE_MS = 120_000
"""Nothing takes longer: whoever sent it is dead."""
FIRST_LOOK_S, LAST_LOOK_S = 0.05, 0.5
_KEY = re.compile(rb"[\x21-\x7e]{1,255}")
_COMPANY = re.compile(rb'"(?:rootfi_)?company_id":\s*(\d{1,16})\b')


def key_of(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The key of a request, None where none was sent. ApiError 400 for one that cannot be kept."""
    for name, value in headers:
        if name == HEADER:
            if not _KEY.fullmatch(value):
                raise invalid_params(FIELD, "Send 1 to 255 visible ASCII characters, a UUID say.")
            return value.decode("ascii")
    return None


async def once(engine: Engine, call: Call, work: Work) -> Reply:
    """Answer a request that carries a key: as it was answered before, else by its endpoint.

    The endpoint is not even asked when the answer is known, so what it does before its effect (reading what it
    deletes, probing credentials) need not succeed again.
    """
    known = await _known(engine, call)
    if known is not None:
        return known
    try:
        return await work(call)
    except ApiError:
        # A twin may have been faster: what it deleted is not found any more, and that is no answer to the same request.
        known = await _known(engine, call)
        if known is None:
            raise
        return known


async def effect(engine: Engine, call: Call, work: Callable[[Session], Reply]) -> Reply:
    """An effect that is one transaction: run it, and keep its answer with the call's key in the same commit.

    An ApiError of ``work`` keeps nothing. Where the answer has a ``kept``, that is what is kept in its place: an answer
    with a secret never lies at rest (see :func:`shown_once`).
    """
    if call.once is None:
        return await engine.store.writing(call.scope, work)
    mine = request_of(engine, call)

    def run(session: Session) -> Reply | Kept:
        kept = keys.claim(session, mine)
        if kept is not None:
            return kept
        reply = work(session)
        _keep(session, call, mine, reply)
        return reply

    found = await engine.store.writing(call.scope, run)
    return found if isinstance(found, Reply) else replayed(call, mine, found) or _on_its_way()


async def unsafe(engine: Engine, call: Call, work: Callable[[], Awaitable[Reply]]) -> Reply:
    """An effect outside the database that cannot be looked for: it is noted before, and its answer after.

    An ApiError below 500 or a refusal (Rejected, NotSupported, NeedsReauth, Throttled) of ``work`` means that nothing
    happened, and frees the key; after anything else, and after a crash, the outcome is unknown, and a repeat is told
    that.
    """
    if call.once is None:
        return await work()
    mine = request_of(engine, call)
    until = asyncio.get_running_loop().time() + TWIN_WAIT_S
    pause = FIRST_LOOK_S
    while True:
        kept = await engine.store.writing(call.scope, lambda session: keys.claim(session, mine))
        if kept is None:
            # It goes on when its caller hangs up, and its outcome is kept for the repeat.
            return await asyncio.shield(asyncio.create_task(_noted(engine, call, mine, work)))
        reply = replayed(call, mine, kept)
        if reply is not None:
            return reply
        if kept.created_at < now_ms() - LONGEST_UNSAFE_MS:
            raise _unknown()
        if asyncio.get_running_loop().time() >= until:
            return _on_its_way()
        await asyncio.sleep(pause)
        pause = min(2 * pause, LAST_LOOK_S)


def shown_once(body: bytes, sentence: str, status: int = 200) -> Reply:
    """An answer with a secret, which a repeat does not see again: it gets 409 with ``sentence``, which says what was
    made (its id) and how a new secret is got."""
    return Reply(body, status, kept=Reply(error_bytes(_conflict(sentence)), 409))


async def accepted(engine: Engine, call: Call) -> Kept | None:
    """The write to a shop that the call's key leads to."""
    if call.once is None:
        return None
    mine = request_of(engine, call)
    kept = await engine.store.reading(call.scope, lambda session: keys.find(session, mine))
    return kept if kept is not None and kept.state == "accepted" else None


async def finish(engine: Engine, call: Call, reply: Reply) -> Reply:
    """Keep the answer of a write that has ended; the answer that was kept first, where a twin was faster."""
    mine = request_of(engine, call)

    def run(session: Session) -> Kept | None:
        return None if keys.keep(session, mine, reply.status, reply.body, None) else keys.find(session, mine)

    kept = await engine.store.writing(call.scope, run)
    return Reply(kept.body, kept.status or 200) if kept is not None and kept.body is not None else reply


def request_of(engine: Engine, call: Call) -> Once:
    """The call as its key knows it: the hash of method, path, query and body, salted with the key."""
    parts = (call.method.encode(), call.address.encode(), *(one.encode() for one in call.path.values()), call.query,
             call.body)
    key = call.once or ""
    sizes = ",".join(str(len(part)) for part in parts).encode()
    salt = blake2b(key.encode(), digest_size=32).digest()
    fingerprint = blake2b(b"\0".join((sizes, *parts)), digest_size=32, key=salt).digest()
    return Once(key, fingerprint, now_ms() - engine.settings.idempotency_hours * HOUR_MS)


def replayed(call: Call, mine: Once, kept: Kept) -> Reply | None:
    """The answer that is kept; None while there is none. ApiError 409 where the key was used for something else."""
    if kept.fingerprint != mine.fingerprint:
        raise _conflict("This key was sent with another request (method, path, query or body). Send a new key.")
    if kept.state == "lost":
        raise _unknown()
    if kept.state == "erased":
        raise _conflict("The request was carried out, and its answer removed with the data of its company.")
    if kept.state != "done":
        return None
    call.trace.headers.append(REPLAYED)
    return Reply(kept.body or b"", kept.status or 200)


async def _known(engine: Engine, call: Call) -> Reply | None:
    mine = request_of(engine, call)
    kept = await engine.store.reading(call.scope, lambda session: keys.find(session, mine))
    return None if kept is None else replayed(call, mine, kept)


async def _noted(engine: Engine, call: Call, mine: Once, work: Callable[[], Awaitable[Reply]]) -> Reply:
    try:
        reply = await work()
    except Exception as problem:
        nothing = isinstance(problem, (Rejected, NotSupported, NeedsReauth, Throttled)) or (
            isinstance(problem, ApiError) and problem.status < 500)
        note = keys.release if nothing else keys.lost
        await engine.store.writing(call.scope, lambda session: note(session, mine))
        raise
    await engine.store.writing(call.scope, lambda session: _keep(session, call, mine, reply))
    return reply


def _keep(session: Session, call: Call, mine: Once, reply: Reply) -> None:
    kept = reply.kept or reply
    company_id = _company(call, reply) if reply.company_id is None else reply.company_id
    keys.keep(session, mine, kept.status, kept.body, company_id)


def _company(call: Call, reply: Reply) -> int | None:
    """Whose data an answer holds, so that it can be removed with the rest of it."""
    found = _COMPANY.search(reply.body) or _COMPANY.search(call.body)
    text = found.group(1).decode() if found else call.path.get("company_id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None


def _conflict(hint: str) -> ApiError:
    return ApiError(409, "conflict", f"Conflict: {FIELD}. {hint}", field=FIELD)


def _on_its_way() -> Reply:
    raise _conflict("The first request with this key has not ended. Send the same again in a moment.")


def _unknown() -> ApiError:
    return _conflict("What became of the first request with this key is not known: the connection or this server broke "
                     "after it was sent. Look whether it took effect before you send it under a new key.")
