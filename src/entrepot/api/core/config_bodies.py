"""Rhythms as they are sent and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import UNSET, UnsetType

from entrepot.api.core.bodies import Ident
from entrepot.api.core.connection import ScopeAccess, SyncConfigShown
from entrepot.engine.rhythm import Rhythm
from entrepot.errors import invalid_params, missing_params, operation_denied
from entrepot.model.registry import by_data_model, noun
from entrepot.store.connections import Connection
from entrepot.store.frequencies import SyncConfig

# The published client knows no finer rhythm than a day, and says "never" by not enabling.
_UNKNOWN = frozenset({"MINUTELY", "HOURLY", "NEVER"})


class AccessChange(msgspec.Struct, rename="upper", forbid_unknown_fields=True):
    """What may be done with a data model; what is not sent stays as it is."""

    read: bool | UnsetType = UNSET
    create: bool | UnsetType = UNSET
    update: bool | UnsetType = UNSET
    delete: bool | UnsetType = UNSET

    def words(self) -> dict[str, bool]:
        """What was sent, by its public word."""
        found = {"READ": self.read, "CREATE": self.create, "UPDATE": self.update, "DELETE": self.delete}
        return {word: value for word, value in found.items() if not isinstance(value, UnsetType)}


class ConfigChange(msgspec.Struct, forbid_unknown_fields=True):
    """One data model: every ``interval`` times ``frequency`` (MINUTELY, HOURLY, DAILY, WEEKLY, MONTHLY, YEARLY, NEVER).

    ``sync_from`` is an ISO date or date-time before which nothing is read, null for none. What is not sent stays as it
    is.
    """

    data_model: str
    category: str | None = None
    enabled: bool | UnsetType = UNSET
    frequency: str | UnsetType = UNSET
    interval: int | UnsetType = UNSET
    scope_access: AccessChange | UnsetType = UNSET
    sync_from: str | UnsetType | None = UNSET
    custom_fields: list[str] = []


class CompanyConfigs(msgspec.Struct, forbid_unknown_fields=True):
    """What is to change, and of which connection when the company has several."""

    configs: list[ConfigChange]
    connection_id: Ident | None = None
    integration_type: str | None = None


class DefaultConfigs(msgspec.Struct, forbid_unknown_fields=True):
    """What new connections begin with: those to one kind of shop, or all. ``propagate`` gives it to the connections
    that there are too."""

    configs: list[ConfigChange]
    integration_type: str | None = None
    propagate: bool = False


class PlainConfig(msgspec.Struct):
    """How often a data model is synced, in the words of every version."""

    data_model: str
    category: str
    enabled: bool
    frequency: str
    interval: int
    scope_access: ScopeAccess
    custom_fields: list[str]
    sync_from: str | UnsetType = UNSET


class PlainConfigs(msgspec.Struct):
    """The defaults of a category."""

    sync_config: list[PlainConfig]


class ConfigShown(SyncConfigShown):
    """How often a data model is synced, and what is allowed with it where the platform can.

    ``is_overridden`` tells that somebody set something else than what would hold otherwise.
    """

    is_overridden: bool


class ConnectionConfigShown(ConfigShown):
    """The same of a connection."""

    connection_id: int
    integration_type: str


class ConfigList(msgspec.Struct):
    """The defaults."""

    data: list[ConfigShown]


class DefaultsKept(msgspec.Struct):
    """The defaults as they are now, and how many rhythms of connections were set with them."""

    data: list[ConfigShown]
    propagated: int


class ConnectionConfigList(msgspec.Struct):
    """The rhythms of a company's connections."""

    data: list[ConnectionConfigShown]


def merged(changes: Sequence[ConfigChange], before: Mapping[str, SyncConfig]) -> list[Rhythm]:
    """Changes over what holds now, by noun. ApiError names ``configs[i].<field>``."""
    if not changes:
        raise missing_params("configs", "Send at least one data model's.")
    return [_merged(one, before, f"configs[{position}]") for position, one in enumerate(changes)]


def _merged(change: ConfigChange, before: Mapping[str, SyncConfig], place: str) -> Rhythm:
    declared = by_data_model(change.data_model)
    if declared is not None and change.category not in (None, declared.category):
        raise invalid_params(f"{place}.category", f"{change.data_model} is of {declared.category}.")
    if change.custom_fields:
        raise operation_denied("no connected platform takes further fields by name.", field=f"{place}.custom_fields")
    known = before.get(declared.name) if declared else None
    # What is unknown is refused where it is set; until then it is as good as new.
    base = known or SyncConfig("", True, "DAILY", 1, None)
    enabled = base.enabled or base.frequency == "NEVER"
    access = None if isinstance(change.scope_access, UnsetType) else {**base.access, **change.scope_access.words()}
    return Rhythm(
        change.data_model, base.frequency if isinstance(change.frequency, UnsetType) else change.frequency,
        base.interval if isinstance(change.interval, UnsetType) else change.interval,
        enabled if isinstance(change.enabled, UnsetType) else change.enabled,
        base.sync_from if isinstance(change.sync_from, UnsetType) else change.sync_from, access)


def plain(one: SyncConfig, *, fine: bool) -> PlainConfig:
    """A default; the published client (not ``fine``) knows no finer rhythm than a day."""
    declared, coarse = noun(one.noun), not fine and one.frequency in _UNKNOWN
    return PlainConfig(
        declared.data_model, declared.category, one.enabled, "DAILY" if coarse else one.frequency,
        1 if coarse else one.interval, _access(one), [], one.sync_from or UNSET)


def shown(one: SyncConfig, *, overridden: bool) -> ConfigShown:
    """A default with its whole truth."""
    declared = noun(one.noun)
    return ConfigShown(declared.data_model, declared.category, one.enabled, one.frequency, one.interval, _access(one),
                       one.sync_from, [], overridden)


def connected(one: SyncConfig, connection: Connection, *, overridden: bool) -> ConnectionConfigShown:
    """A connection's."""
    declared = noun(one.noun)
    return ConnectionConfigShown(
        declared.data_model, declared.category, one.enabled, one.frequency, one.interval, _access(one), one.sync_from,
        [], overridden, connection.id, connection.integration_type)


def _access(one: SyncConfig) -> ScopeAccess:
    return ScopeAccess(one.may("READ"), one.may("CREATE"), one.may("UPDATE"), one.may("DELETE"))
