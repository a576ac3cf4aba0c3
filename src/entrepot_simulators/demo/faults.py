"""Misbehaviour on request, so that whoever talks to the shop can be tested.

A fault is written ``kind[=value][@METHOD /path-prefix][*times]``; several are separated by ``;``:

* ``latency=0.5``   answer that many seconds later
* ``throttle=2``    429 with ``Retry-After: 2``
* ``error=503``     that status, nothing done
* ``lost=504``      do it, keep it, then answer that status: the caller cannot know
* ``reset``         do it, keep it, then break the connection
* ``html``          200 with a web page
* ``cut``           do it, answer half of the body

Asked for by the header ``X-Shop-Fault`` (this request only), by the setting ``faults`` (every matching request), or by
``POST /v1/control/faults`` (kept in the home, so all processes play it, as often as it says).
"""

from __future__ import annotations

from typing import NamedTuple

KINDS = ("latency", "throttle", "error", "lost", "reset", "html", "cut")


class Fault(NamedTuple):
    """One fault; ``number`` is its row when it was armed for all processes."""

    kind: str
    value: float
    method: str
    prefix: str
    number: int | None = None

    def meets(self, method: str, path: str) -> bool:
        """Whether it is for such a request."""
        return self.method in ("", method) and path.startswith(self.prefix)


def parsed(spec: str, number: int | None = None) -> Fault:
    """One fault from its text; ValueError when it is not one."""
    what, _, where = spec.partition("*")[0].strip().partition("@")
    kind, _, value = what.strip().partition("=")
    if kind not in KINDS:
        raise ValueError(f"a fault is one of {', '.join(KINDS)}; got {kind!r}")
    method, slash, rest = where.partition("/")
    default = {"throttle": 1.0, "error": 503.0, "lost": 504.0}.get(kind, 0.0)
    return Fault(kind, float(value) if value else default, method.strip().upper(), slash + rest.strip(), number)


def listed(text: str) -> list[str]:
    """The single specs in a text; each is checked."""
    specs = [spec.strip() for spec in text.split(";") if spec.strip()]
    for spec in specs:
        parsed(spec)
    return specs
