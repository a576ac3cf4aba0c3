"""What the documents say of headers: those that may be sent, and those that come with every answer."""

from __future__ import annotations

from typing import Any

from entrepot.api.endpoint import Endpoint

_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}

SENT: dict[str, dict[str, Any]] = {
    "RequestId": {
        "name": "X-Request-Id", "in": "header", "example": "checkout-7f3a",
        "description": "Your own name for this request: it comes back and stands in the logs. 1 to 128 of "
                       "`A-Z a-z 0-9 . _ : + / = -`; anything else is replaced.",
        "schema": _TEXT,
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key", "in": "header", "example": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "description": "Makes the call safe to repeat: for 24 hours (a setting) the same key with the same request is "
                       "answered with the first answer, with another request by 409. 1 to 255 visible ASCII "
                       "characters.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    },
}
"""Component parameters."""

TOLD: dict[str, dict[str, Any]] = {
    "X-Request-Id": {"description": "The request's name in the logs: yours, or one that was made.", "schema": _TEXT,
                     "example": "5f1c9a0be7d24c38"},
    "X-Entrepot-Via": {"description": "Whether the answer came from the store, or live from the platform.",
                       "schema": {"type": "string", "enum": ["store", "live"]}, "example": "store"},
    "X-Entrepot-As-Of": {"description": "How fresh the answer is.", "schema": {"type": "string", "format": "date-time"},
                         "example": "2024-01-22T05:07:31.465Z"},
    "X-Entrepot-Complete": {"description": "false while the first sync of what is listed has not ended.",
                            "schema": {"type": "string", "enum": ["true", "false"]}, "example": "true"},
    "X-RateLimit-Limit": {"description": "Requests a minute that this key may make.", "schema": _COUNT,
                          "example": 6000},
    "X-RateLimit-Remaining": {"description": "Requests that it may make right now.", "schema": _COUNT, "example": 5999},
    "X-RateLimit-Reset": {"description": "When all of them are back: seconds since 1970.", "schema": _COUNT,
                          "example": 1705900052},
    "Retry-After": {"description": "Seconds to wait.", "schema": _COUNT, "example": 2},
    "Idempotent-Replayed": {"description": "The answer is the first one's, sent again.",
                            "schema": {"type": "string", "const": "true"}, "example": "true"},
    "WWW-Authenticate": {"description": "How to authenticate.", "schema": _TEXT, "example": "ApiKey"},
    "Allow": {"description": "The methods that the path knows.", "schema": _TEXT, "example": "GET, POST"},
}
"""Component headers."""

ALWAYS = ("X-Request-Id", "X-Entrepot-Via", "X-Entrepot-As-Of")
LIMITED = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
_OF_ERRORS = {"401": ("WWW-Authenticate",), "405": ("Allow",), "429": ("Retry-After",)}


def sent_with(one: Endpoint) -> list[dict[str, Any]]:
    """References to the headers that a call takes."""
    names = ["RequestId"]
    if one.needs is not None and one.method != "GET":
        names.append("IdempotencyKey")
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def told_with(one: Endpoint) -> dict[str, Any]:
    """References to the headers of a call's answer when it went well."""
    names = list(ALWAYS)
    if one.needs is not None:
        names += LIMITED
    if one.method != "GET":
        names.append("Idempotent-Replayed")
    elif "/ecommerce/" in one.path:
        names.append("X-Entrepot-Complete")
    return references(names)


def told_with_error(status: str) -> dict[str, Any]:
    """References to the headers of an answer that is no success."""
    # 401 is told before anybody is known whose requests could be counted.
    limited = () if status == "401" else LIMITED
    return references([*ALWAYS, *limited, *_OF_ERRORS.get(status, ())])


def references(names: list[str]) -> dict[str, Any]:
    """Headers by reference."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}
