"""What a caller is told when a write is refused: the contract's code, its sentence, and the field as a path."""

from __future__ import annotations

import msgspec

from entrepot.errors import ApiError, Missing, NotSupported, OutcomeUnknown, PlatformFault, Rejected

# Sentences of the contract; clients match on their beginnings.
_SENTENCES = {
    "missing-params": "Missing required field: {field}. {why}",
    "invalid-params": "Invalid field: {field}. {why}",
    "record-already-exists": "Record already exists with given: {field}. {why}",
    "operation-denied": "Operation Denied: {why}",
    "platform-denied": "The underlying platform denied the request: {why}",
    "unknown-error": "Unknown error: {why}",
}
_NAMES_A_FIELD = frozenset({"missing-params", "invalid-params", "record-already-exists"})


class Refusal(msgspec.Struct):
    """Why a write failed; as JSON in ``operations.error``, and the ``error`` of a sync's job.

    ``field`` is a path from the body's top (``data[0].line_items[1].item_id``) in the model's names.
    """

    code: str
    message: str
    field: str | None = None
    platform_error: str | None = None

    def told(self) -> ApiError:
        """The same, to be raised."""
        return ApiError(400, self.code, self.message, field=self.field, platform_error=self.platform_error)


def refusal(fault: PlatformFault, where: str | None) -> Refusal:
    """A fault of a connector or the kit in the contract's words.

    ``where`` is the record's place in the body, ``data[0]``; None for a call that carries no records.
    """
    code, named = "unknown-error" if isinstance(fault, OutcomeUnknown) else "platform-denied", None
    if isinstance(fault, (Rejected, NotSupported)):
        code = fault.code if isinstance(fault, Rejected) else "operation-denied"
        named = fault.field
    why = fault.message
    if isinstance(fault, Missing):
        code, why = "operation-denied", f"The platform does not have it any more. {why}"
    field = ".".join(step for step in (where, named) if step) if named else None
    if code in _NAMES_A_FIELD:
        field = field or where  # something is to blame, and the record is the best guess
    return _refusal(code, why, field, fault.platform_error)


def given_up(why: str, platform_error: str | None) -> Refusal:
    """A write that was tried until no tries were left."""
    return _refusal("unknown-error", why, None, platform_error)


def _refusal(code: str, why: str, field: str | None, platform_error: str | None) -> Refusal:
    said = f"{why[:1].upper()}{why[1:]}"
    sentence = _SENTENCES.get(code, "{why}")
    if field is None and code in _NAMES_A_FIELD:
        sentence = "{why}"
    return Refusal(code, sentence.format(field=field, why=said if said.endswith(".") else f"{said}."), field,
                   platform_error)
