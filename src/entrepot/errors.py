"""What can go wrong, named after the decision that it causes.

The first family is raised by connectors and the kit and read by the engine (DESIGN section 5). The second is what a
caller of the API is told: a status, a code of the contract, the field, and a sentence that says what to send.
"""

from __future__ import annotations

from datetime import datetime
from typing import TypeAlias

# What a platform said, ready to be shown: JSON text or None. Never holds a secret; the kit redacts it.
PlatformError: TypeAlias = str | None


class EntrepotError(Exception):
    """Everything that Entrepot raises on purpose."""


class PlatformFault(EntrepotError):
    """Something between us and a platform; subclasses say what the engine does about it."""

    def __init__(self, message: str, *, platform_error: PlatformError = None) -> None:
        super().__init__(message)
        self.message = message
        self.platform_error = platform_error


class NeedsReauth(PlatformFault):
    """The credentials no longer open the shop: refresh once, then stop its jobs and tell the owner."""


class Throttled(PlatformFault):
    """The shop asks us to wait: the job is rescheduled for ``until`` and the worker released."""

    def __init__(self, message: str, *, until: datetime, platform_error: PlatformError = None) -> None:
        super().__init__(message, platform_error=platform_error)
        self.until = until


class Transient(PlatformFault):
    """Likely gone on the next try: retried with jittered back-off, then paused and said so."""


class Rejected(PlatformFault):
    """The platform understood and refused: the operation fails and the caller is told the platform's reason.

    ``code`` is one of the contract's: ``missing-params invalid-params record-already-exists operation-denied
    platform-denied unknown-error``; ``field`` is the *unified* field's name where one is to blame.
    """

    def __init__(
        self, message: str, *, code: str = "platform-denied", field: str | None = None,
        platform_error: PlatformError = None,
    ) -> None:
        super().__init__(message, platform_error=platform_error)
        self.code = code
        self.field = field


class Missing(Rejected):
    """The one object that was asked for is not on the platform (any more)."""


class OutcomeUnknown(PlatformFault):
    """A write was sent and no answer came: our marker is looked for on the platform before anything is retried."""


class RowUnmappable(PlatformFault):
    """One row of the platform does not fit: it is set aside as a stray and the sync goes on."""


class NotSupported(PlatformFault):
    """This connector cannot do that: refused before the platform is called, never degraded silently."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class ApiError(EntrepotError):
    """What a caller is told: an HTTP ``status``, a stable ``code``, a ``message`` that says what to send.

    ``field`` is the one to blame, as a path into what was sent (``data[0].line_items[1].item_id``). Below ``api/`` it
    has the model's names; ``api/writing.py`` puts the version's own names in their place, in the message too.
    """

    def __init__(
        self, status: int, code: str, message: str, *, field: str | None = None, platform_error: PlatformError = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.platform_error = platform_error


def missing_params(field: str, hint: str) -> ApiError:
    """400: a required field was not sent."""
    return ApiError(400, "missing-params", f"Missing required field: {field}. {hint}", field=field)


def invalid_params(field: str, hint: str) -> ApiError:
    """400: a field was sent with a value that cannot be taken."""
    return ApiError(400, "invalid-params", f"Invalid field: {field}. {hint}", field=field)


def operation_denied(hint: str, *, field: str | None = None, platform_error: PlatformError = None) -> ApiError:
    """400: understood, and the platform (or its connector) will not do it."""
    return ApiError(400, "operation-denied", f"Operation Denied: {hint}", field=field, platform_error=platform_error)


def not_found(what: str, ident: object) -> ApiError:
    """404: nothing with that id is visible to this key."""
    return ApiError(404, "not-found", f"No {what} {ident} is visible to this API key.")


class SetupError(EntrepotError):
    """For operators: the message says what is wrong and what to type."""


class LostLease(EntrepotError):
    """Another worker holds the job now: roll back, do nothing more for it."""
