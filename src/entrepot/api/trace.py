"""What is known of one request while it is being answered, and told with its answer whatever that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Via = Literal["store", "live"]
NAME = "entrepot.trace"
"""Its place in the ASGI scope."""


@dataclass(slots=True)
class Trace:
    """One request. ``as_of`` (ms) is the age of what is answered, None for now; ``complete`` is told where known."""

    request_id: str
    via: Via = "store"
    as_of: int | None = None
    complete: bool | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    """More headers of the answer; of an error too."""
    key_id: int | None = None
    route: str = ""
    """The template of the path, empty where no call has such a path."""
    status: int = 0
    """What was answered; 0 when nothing was."""
