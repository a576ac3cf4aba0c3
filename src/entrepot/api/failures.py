"""Everything that can go wrong, as the one error body: ``{"error": {"code","message","field","platform_error"}}``."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException

from entrepot import clock
from entrepot.api.trace import NAME, Trace
from entrepot.engine.refusals import refusal
from entrepot.errors import ApiError, PlatformFault, Throttled, not_found
from entrepot.store.store import OutOfScope

log = structlog.get_logger()

JSON = "application/json"
AnyRequest = Request[Any, Any, Any]
Answer = Response[bytes]


class ErrorDetail(msgspec.Struct):
    """What went wrong. ``field`` is the one to change, ``platform_error`` what the platform said."""

    code: str
    message: str
    field: str | None
    platform_error: msgspec.Raw | str | None


class ErrorBody(msgspec.Struct):
    """The body of every answer that is no success."""

    error: ErrorDetail


_ENCODE = msgspec.json.Encoder().encode

# What the framework refuses before we are asked.
_FRAMEWORK = {
    400: ("invalid-params", "The request cannot be read."),
    404: ("not-found", "There is nothing at this path; /openapi/v3.json and /openapi/v4.json list all calls."),
    405: ("method-not-allowed", "This path does not know this method; it knows: {allowed}."),
    413: ("too-large", "The body is too large; send fewer records."),
    415: ("unsupported-media-type", "Send the body as application/json."),
}


def error_bytes(error: ApiError) -> bytes:
    """The error's body."""
    detail = ErrorDetail(error.code, error.message, error.field, _platform_error(error.platform_error))
    return _ENCODE(ErrorBody(detail))


def _platform_error(text: str | None) -> msgspec.Raw | str | None:
    """What the platform said: as JSON where it is JSON, else as a string."""
    if text is None:
        return None
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return text
    return msgspec.Raw(text.encode())


def reply_to(error: ApiError) -> Answer:
    """The error as an answer."""
    headers = {"WWW-Authenticate": "ApiKey"} if error.status == 401 else None
    return Response(error_bytes(error), status_code=error.status, media_type=JSON, headers=headers)


def told(fault: PlatformFault) -> ApiError:
    """A platform's fault that reached the door although the flows turn theirs into ApiError."""
    if isinstance(fault, Throttled):
        return ApiError(429, "platform-denied", "The underlying platform denied the request: it asks us to wait until "
                        f"{clock.text(fault.until)}.", platform_error=fault.platform_error)
    return refusal(fault, None).told()


def on_api_error(_: AnyRequest, error: ApiError) -> Answer:
    """Refused on purpose."""
    return reply_to(error)


def on_platform_fault(_: AnyRequest, fault: PlatformFault) -> Answer:
    """A platform's fault; one that asks us to wait says how long."""
    answer = reply_to(told(fault))
    if isinstance(fault, Throttled):
        answer.headers["Retry-After"] = str(seconds_until(fault.until))
    return answer


def seconds_until(at: datetime) -> int:
    """For Retry-After: whole seconds, at least one."""
    return max(1, math.ceil((at - clock.now()).total_seconds()))


def on_out_of_scope(_request: AnyRequest, error: OutOfScope) -> Answer:
    """A company of somebody else is no company, and a deleted one neither."""
    what, _, ident = str(error).partition(" ")
    return reply_to(not_found(what, ident))


def on_framework(request: AnyRequest, error: HTTPException) -> Answer:
    """Refused by the framework: no such path, method, size, type."""
    if error.status_code >= 500:
        return on_crash(request, error)
    code, message = _FRAMEWORK.get(error.status_code, ("invalid-params", "The request cannot be read."))
    named = (error.headers or {}).get("allow", "").split(", ")
    allowed = ", ".join(sorted(method for method in named if method != "OPTIONS"))
    answer = reply_to(ApiError(error.status_code, code, message.format(allowed=allowed)))
    if allowed:
        answer.headers["Allow"] = allowed
    return answer


def on_crash(request: AnyRequest, error: Exception) -> Answer:
    """A mistake of ours: logged under the request's id, and nothing of it told."""
    trace: Trace = request.scope[NAME]  # type: ignore[literal-required]
    log.error("api.crash", route=trace.route, exc_info=error)
    return reply_to(ApiError(500, "unknown-error", "Unknown error: the log of this server has it under the request id "
                             f"{trace.request_id}."))
