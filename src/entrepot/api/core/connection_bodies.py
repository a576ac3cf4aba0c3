"""What the calls about connections take and answer."""

from __future__ import annotations

import msgspec

from entrepot.api.core.bodies import Ident
from entrepot.api.core.connection import ConnectionShown
from entrepot.api.core.rhythm_body import RhythmBody


class ConnectionBody(msgspec.Struct, forbid_unknown_fields=True):
    """The company (or the invite link that leads to it), the kind of shop, and what its connect form asks for. What
    ``sync_config`` leaves out has the environment's default. ``sync: false`` leaves the first sync to the schedule."""

    integration_type: str
    company_id: Ident | None = None
    invite_link_id: str | None = None
    credentials: dict[str, str] = {}
    sync_config: list[RhythmBody] = []
    sync: bool = True


class ConnectionChange(msgspec.Struct, forbid_unknown_fields=True):
    """What may be changed of a connection: data models that are not named keep their rhythm."""

    sync_config: list[RhythmBody]


class Credentials(msgspec.Struct, forbid_unknown_fields=True):
    """What the connect form asks for; of what is no secret the connection knows what it was made with."""

    credentials: dict[str, str]


class OneConnection(msgspec.Struct):
    """A connection."""

    data: ConnectionShown


class ConnectionList(msgspec.Struct):
    """A page of connections."""

    data: list[ConnectionShown]
    next: str | None


class Problem(msgspec.Struct):
    """Why a shop did not open."""

    code: str
    message: str
    platform_error: str | None = None


class Probed(msgspec.Struct):
    """Whether the shop opens, what it told of itself, and the connection as it stands now."""

    opens: bool
    learned: dict[str, str]
    problem: Problem | None
    connection: ConnectionShown


class OneProbe(msgspec.Struct):
    """What a probe came to."""

    data: Probed
