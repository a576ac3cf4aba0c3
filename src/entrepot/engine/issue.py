"""Issue, rotate and shut API keys. Nobody gives more than they have: no scope, no longer life, no higher limit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from entrepot.clock import now_ms, text_ms
from entrepot.errors import ApiError, not_found
from entrepot.settings import RateLimit
from entrepot.store import keys, organisations
from entrepot.store.keys import ApiKey
from entrepot.store.scope import Scope
from entrepot.store.store import Session
from entrepot.vault import api_keys

HOUR_MS = 3_600_000


@dataclass(frozen=True)
class Wish:
    """What a key is to be. ``expires_at`` in ms, None for never; no ``per_minute``: the installation's limit."""

    name: str
    scopes: Sequence[str]
    expires_at: int | None = None
    per_minute: int | None = None
    burst: int | None = None


@dataclass(frozen=True)
class Issued:
    """A key that was just made; its ``text`` is told to its owner and then forgotten."""

    key: ApiKey
    text: str = field(repr=False)


def issue(session: Session, scope: Scope, wish: Wish, rotated_from: int | None = None) -> Issued:
    """Make a key of a scope. Whether somebody may have it, :func:`check_gift` tells."""
    made = api_keys.make(organisations.environment_names(session)[scope.environment_id])
    ident = keys.create(session, scope, wish.name, made.shown, made.digest, wish.scopes, wish.expires_at,
                        per_minute=wish.per_minute, burst=wish.burst, rotated_from=rotated_from)
    found = keys.get(session, ident)
    if found is None:
        raise not_found("API key", ident)
    return Issued(found, made.text)


def rotate(session: Session, old: ApiKey, overlap_hours: int) -> Issued:
    """A key like the old one in its place, which shuts at the end of the overlap. ApiError 409 for a key that is shut
    or has been rotated before."""
    if not old.usable(now_ms()):
        raise ApiError(409, "conflict", f"API key {old.id} is revoked or expired. Make another one.")
    # First the row, which is locked by it: of two at a time the second one finds the first one's successor.
    keys.expire(session, old.id, now_ms() + overlap_hours * HOUR_MS)
    following = keys.successor(session, old.id)
    if following is not None:
        raise ApiError(409, "conflict", f"API key {old.id} was rotated before, into key {following}. Rotate that one.")
    wish = Wish(old.name, sorted(old.scopes), old.expires_at, old.per_minute, old.burst)
    return issue(session, old.scope, wish, old.id)


def check_gift(giver: ApiKey, wish: Wish, default: RateLimit) -> None:
    """ApiError 403 when a key would open more than the one that asks for it, or for longer, or faster."""
    lacking = [scope for scope in wish.scopes if not giver.may(scope)]
    if lacking:
        raise _too_much("scopes", f"the scope {lacking[0]}, which yours lacks")
    if giver.expires_at is not None and (wish.expires_at is None or wish.expires_at > giver.expires_at):
        raise _too_much("expires_at", f"a longer life than yours, which ends at {text_ms(giver.expires_at)}")
    own, wanted = limit_of(giver.per_minute, giver.burst, default), limit_of(wish.per_minute, wish.burst, default)
    if wanted.per_minute > own.per_minute:
        raise _too_much("per_minute", f"a higher limit than yours, which is {own.per_minute}")
    if wanted.burst > own.burst:
        raise _too_much("burst", f"a higher limit than yours, which is {own.burst}")


def check_rotation(giver: ApiKey, old: ApiKey, default: RateLimit) -> None:
    """ApiError 403 when somebody would get hold of more than they have by rotating another's key.

    A key's own successor that was never used may be rotated by it: the answer that told its text was lost.
    """
    if old.id != giver.id and not (old.rotated_from == giver.id and old.last_used_at is None):
        check_gift(giver, Wish(old.name, sorted(old.scopes), old.expires_at, old.per_minute, old.burst), default)


def limit_of(per_minute: int | None, burst: int | None, default: RateLimit) -> RateLimit:
    """How often a key may ask: its own limit, else the installation's."""
    if per_minute is None:
        return default
    return RateLimit(per_minute, per_minute if burst is None else burst)


def _too_much(name: str, what: str) -> ApiError:
    return ApiError(403, "forbidden", f"The key would have {what}.", field=name)
