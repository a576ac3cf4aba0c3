"""Loaded by schemathesis: most generated calls are given ids that exist, and those that destroy get victims.

``GROUND`` and ``VICTIMS`` are environment variables: JSON objects of a parameter's name to its ids.
"""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import schemathesis

GROUND: dict[str, list[Any]] = json.loads(os.environ.get("GROUND", "{}"))
VICTIMS: dict[str, list[Any]] = json.loads(os.environ.get("VICTIMS", "{}"))
DESTROYING = ("/disconnect", "/reauthorise", "/reauthorize", "/rotate", "/rotate_secret", "/disable", "/cancel", "/app")
PATH_ALONE = {"id", "type"}
"""Elsewhere these names mean something else."""
AS_GENERATED = 4
"""One call in so many keeps what was generated."""
ONCE = "Idempotency-Key"


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Put ids in: chosen by what was generated, so that a run is repeated exactly by its seed."""
    destroys = case.method.upper() == "DELETE" or case.path.endswith(DESTROYING)
    known = VICTIMS if destroys else GROUND
    for part in (case.path_parameters, case.query, case.body):
        if isinstance(part, dict):
            for name in sorted(part if part is case.path_parameters else set(part) - PATH_ALONE):
                chosen = _chosen(known, name, part[name], always=part is case.path_parameters and destroys)
                if chosen is not None:
                    part[name] = chosen
    if case.method.upper() == "GET" and "/ecommerce/" in case.path and isinstance(case.query, dict):
        # Nearly every filter asks for a company beside it.
        case.query.setdefault("company_id", _chosen(known, "company_id", sorted(case.query), always=True))
    if case.headers and ONCE in case.headers:
        # The same key with every other body is 409, and nothing behind it would be met.
        turn = _turn([case.path, case.path_parameters, case.query, case.body])
        case.headers[ONCE] = f"{case.method}-{turn}"


def _chosen(known: dict[str, list[Any]], name: str, generated: object, *, always: bool) -> Any:
    ids = known.get(name)
    if not ids:
        return None
    turn = _turn(generated)
    return None if turn % AS_GENERATED == 0 and not always else ids[turn // AS_GENERATED % len(ids)]


def _turn(generated: object) -> int:
    return zlib.crc32(repr(generated).encode("utf-8", "surrogatepass"))
