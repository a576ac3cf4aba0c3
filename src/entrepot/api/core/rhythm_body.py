"""How often one data model is synced, as a body says it."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from entrepot.engine.rhythm import Rhythm, check_values
from entrepot.engine.webhook_filters import DATA_MODELS
from entrepot.errors import ApiError, invalid_params, operation_denied

CATEGORIES = frozenset({"ACCOUNTING", "PAYMENTS", "CRM", "ECOMMERCE", "CUSTOM"})


class AccessBody(msgspec.Struct, rename="upper", forbid_unknown_fields=True, omit_defaults=True):
    """What may be done with a data model; what is left out stays as it is."""

    read: bool | None = None
    create: bool | None = None
    update: bool | None = None
    delete: bool | None = None

    def words(self) -> dict[str, bool]:
        """By operation."""
        found = {"READ": self.read, "CREATE": self.create, "UPDATE": self.update, "DELETE": self.delete}
        return {word: value for word, value in found.items() if value is not None}


class RhythmBody(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One data model's: every ``interval`` times ``frequency`` (MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY,
    NEVER). ``category`` is the data model's and need not be sent; ``custom_fields`` no platform here has."""

    data_model: str
    frequency: str
    interval: int = 1
    enabled: bool = True
    category: str | None = None
    scope_access: AccessBody | None = None
    sync_from: str | None = None
    custom_fields: list[str] | None = None

    def rhythm(self) -> Rhythm:
        """The same for the engine."""
        access = self.scope_access.words() if self.scope_access is not None else None
        return Rhythm(self.data_model, self.frequency, self.interval, self.enabled, self.sync_from, access or None)

    def check(self, place: str) -> None:
        """Refuse what no platform could keep. ApiError names ``<place>.<field>``."""
        if self.data_model not in DATA_MODELS:
            raise invalid_params(f"{place}.data_model", f"Send one of {', '.join(DATA_MODELS)}.")
        if self.category is not None and self.category not in CATEGORIES:
            raise invalid_params(f"{place}.category", f"Send one of {', '.join(sorted(CATEGORIES))}.")
        check_custom_fields(self, place)
        check_values(place, self.rhythm())


def check_custom_fields(body: RhythmBody, place: str) -> None:
    """They are there on two platforms only, and neither is built."""
    if body.custom_fields:
        raise operation_denied("custom fields can be named for NetSuite and HubSpot only; send none.",
                               field=f"{place}.custom_fields")


def rhythms(bodies: Sequence[RhythmBody]) -> list[Rhythm]:
    """A connection's list for the engine, which checks the rest against its platform."""
    for position, body in enumerate(bodies):
        check_custom_fields(body, f"sync_config[{position}]")
    return [body.rhythm() for body in bodies]


def alone(error: ApiError) -> ApiError:
    """An error about the only entry of a list, where the caller sent no list."""
    if error.field is None:
        return error
    field = error.field.replace("sync_config[0]", "sync_config")
    return ApiError(error.status, error.code, error.message.replace(error.field, field), field=field,
                    platform_error=error.platform_error)
