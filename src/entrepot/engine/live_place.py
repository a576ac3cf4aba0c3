"""Where a live list goes on: a cursor that only this installation can have written.

It holds a connector's bookmark, which goes into calls to the platform, so it is sealed to its company.
"""

from __future__ import annotations

import base64
import binascii

import msgspec

from entrepot.engine.context import Engine
from entrepot.errors import SetupError

PREFIX = "live."
TABLE = "live lists"
_LONGEST = 8192


class Place(msgspec.Struct, frozen=True, omit_defaults=True):
    """The connection that is being walked, and where in it: in the platform's pages, or behind a stored record."""

    noun: str
    connection_id: int
    begins: dict[str, str] | None = None
    """The bookmark of the page that goes on; None for the first."""
    after: str = ""
    """Own id of the last record of it that was answered; the empty text at its beginning."""
    skip: int = 0
    """How many of it were looked at, for when that record is there no more."""
    stored: int | None = None
    """Of a connection that is answered from the store: the last rootfi_id."""
    total: int | None = None
    """What the platform announced."""


_DECODER = msgspec.json.Decoder(Place)


def write_place(engine: Engine, company_id: int, place: Place) -> str:
    """The text that a caller sends back; it needs no escaping in a URL or in JSON."""
    sealed = engine.vault.seal(msgspec.json.encode(place), table=TABLE, row=company_id)
    return PREFIX + base64.urlsafe_b64encode(sealed).decode().rstrip("=")


def read_place(engine: Engine, company_id: int, text: str) -> Place | None:
    """The place behind a cursor of this company; None when it is none."""
    plain = text.removeprefix(PREFIX)
    if len(plain) > _LONGEST:
        return None
    try:
        sealed = base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
        return _DECODER.decode(engine.vault.open(sealed, table=TABLE, row=company_id))
    except (binascii.Error, ValueError, SetupError, msgspec.DecodeError):
        return None
