"""What the calls for webhooks take and show, version by version."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from entrepot.api.endpoint import Parameter
from entrepot.api.times import ms_text
from entrepot.engine import webhook_filters
from entrepot.engine.webhook_address import LONGEST
from entrepot.engine.webhook_filters import DATA_MODELS, OPERATIONS, TYPES, TYPES_V3
from entrepot.engine.webhooks import FASTEST, LONGEST_NAME, LONGEST_OVERLAP_H, STATES, Wanted
from entrepot.errors import ApiError, missing_params
from entrepot.store.webhook_endpoints import WebhookEndpoint

WEBHOOK = Parameter("webhook_id", "The webhook's id, of twenty characters, or its number.", {"type": "string"}, "path",
                    required=True, example="wT4kP0aZr8QmXn2LbV6c")

# The documents show what is known; the engine checks it, with sentences that say what to send.
Name = Annotated[str, Meta(extra_json_schema={"minLength": 1, "maxLength": LONGEST_NAME})]
Url = Annotated[str, Meta(extra_json_schema={"format": "uri", "maxLength": LONGEST})]
Type = Annotated[str, Meta(extra_json_schema={"enum": [*TYPES]})]
Types = Annotated[list[Type], Meta(extra_json_schema={"minItems": 1})]
TypeV3 = Annotated[str, Meta(extra_json_schema={"enum": [*TYPES_V3]})]
Operations = list[Annotated[str, Meta(extra_json_schema={"enum": [*OPERATIONS]})]]
DataModels = list[Annotated[str, Meta(extra_json_schema={"enum": [*DATA_MODELS]})]]
CompanyIds = Annotated[list[int], Meta(extra_json_schema={"maxItems": webhook_filters.MOST_COMPANIES})]
PerSecond = Annotated[int, Meta(extra_json_schema={"minimum": 1, "maximum": FASTEST})]
State = Annotated[str, Meta(extra_json_schema={"enum": [*STATES]})]
StateShown = Annotated[str, Meta(extra_json_schema={"enum": [*STATES, "PAUSED"]})]
Headers = dict[str, str | int | float | bool]
Overlap = Annotated[int, Meta(extra_json_schema={"minimum": 0, "maximum": LONGEST_OVERLAP_H})]


class WebhookFieldsV3(msgspec.Struct, forbid_unknown_fields=True):
    """A v3 webhook's fields. What a PUT leaves out stays as it is; empty lists mean all."""

    name: Name | None = None
    type: TypeV3 | None = None
    url: Url | None = None
    operations: Operations | None = None
    data_models: DataModels | None = None
    headers: Headers | None = None
    state: State | None = None

    def wanted(self, before: WebhookEndpoint | None = None) -> Wanted:
        """The same for the engine. A webhook of v4 has several types and shows one here; sending that one back
        changes nothing."""
        if self.type is None and before is None:
            raise missing_params("type", f"Send one of {', '.join(TYPES_V3)}.")
        if self.type is not None:
            webhook_filters.words("type", [self.type], TYPES_V3)
        same = self.type is None or (before is not None and self.type == type_v3(before))
        return Wanted(name=self.name, url=self.url, types=None if same else [self.type or ""],
                      operations=self.operations, data_models=self.data_models, headers=self.headers,
                      state=self.state)


class WebhookCreationV3(msgspec.Struct, forbid_unknown_fields=True):
    """A new webhook, wrapped."""

    webhook: WebhookFieldsV3

    def wanted(self) -> Wanted:
        """The same for the engine."""
        return self.webhook.wanted()


class WebhookV3Shown(msgspec.Struct):
    """A webhook. ``secret`` signs its deliveries (Standard Webhooks) and is shown once, in the answer that made it."""

    id: str
    name: str
    type: TypeV3
    operations: Operations
    data_models: DataModels
    url: str
    headers: dict[str, str]
    created_at: str
    state: StateShown
    secret: str | UnsetType = UNSET


class WebhookList(msgspec.Struct):
    """All webhooks of the environment."""

    data: list[WebhookV3Shown]


class OneWebhookV3(msgspec.Struct):
    """One webhook."""

    data: WebhookV3Shown


class WebhookChange(msgspec.Struct, forbid_unknown_fields=True):
    """A v4 webhook's fields. What a PUT leaves out stays as it is; empty lists mean all."""

    name: Name | None = None
    url: Url | None = None
    types: Types | None = None
    operations: Operations | None = None
    data_models: DataModels | None = None
    company_ids: CompanyIds | None = None
    integration_types: list[str] | None = None
    headers: Headers | None = None
    initial: bool | None = None
    """Whether the records of a first load are told, each a CREATE."""
    per_second: PerSecond | UnsetType | None = UNSET
    """Deliveries a second at most; null for no limit."""
    state: State | None = None

    def wanted(self, signing_secret: str | None = None) -> Wanted:
        """The same for the engine."""
        return Wanted(**{name: getattr(self, name) for name in WebhookChange.__struct_fields__},
                      signing_secret=signing_secret)


class WebhookCreation(WebhookChange):
    """A new webhook. ``signing_secret`` (whsec_ and base64 of 24 to 64 bytes) is made where it is not sent."""

    signing_secret: str | None = None


class SecretRotation(msgspec.Struct, forbid_unknown_fields=True):
    """For so many hours the old secret signs beside the new one."""

    overlap_hours: Overlap = 24
    signing_secret: str | None = None


class WebhookShown(msgspec.Struct):
    """A webhook. ``signing_secret`` is there in the answer that made it, once; ``version`` says whose body it is sent;
    ``state_reason`` why it is paused."""

    id: str
    rootfi_id: int
    version: str
    name: str
    url: str
    types: Types
    operations: Operations
    data_models: DataModels
    company_ids: list[int]
    integration_types: list[str]
    headers: dict[str, str]
    initial: bool
    per_second: int | None
    state: StateShown
    state_reason: str | None
    failing_since: str | None
    old_secret_signs_until: str | None
    created_at: str
    updated_at: str
    signing_secret: str | UnsetType = UNSET


class OneWebhook(msgspec.Struct):
    """One webhook."""

    data: WebhookShown


class WebhookPage(msgspec.Struct):
    """A page of webhooks."""

    data: list[WebhookShown]
    next: str | None


def type_v3(one: WebhookEndpoint) -> str:
    """The one type that v3 has room for. What it has no word for shows as SYNC_COMPLETED."""
    return next((kind for kind in TYPES_V3 if kind in one.types), "SYNC_COMPLETED")


def show_v3(one: WebhookEndpoint, headers: dict[str, str], secret: str | None = None) -> WebhookV3Shown:
    """An endpoint as v3 shows it."""
    return WebhookV3Shown(one.public_id, one.name, type_v3(one), one.operations, one.data_models, one.url, headers,
                          ms_text(one.created_at), one.state, UNSET if secret is None else secret)


def show(
    one: WebhookEndpoint, headers: dict[str, str], old_until: int | None, secret: str | None = None,
) -> WebhookShown:
    """An endpoint as v4 shows it."""
    return WebhookShown(
        one.public_id, one.id, one.version, one.name, one.url, one.types, one.operations, one.data_models,
        one.company_ids, one.integration_types, headers, one.initial, one.per_second, one.state, one.state_reason,
        _text(one.failing_since), _text(old_until), ms_text(one.created_at), ms_text(one.updated_at),
        UNSET if secret is None else secret)


def within(error: ApiError, outer: str) -> ApiError:
    """The error of a field in a wrapped body, by its path there."""
    if error.field is not None:
        path = f"{outer}.{error.field}"
        error.message = error.message.replace(f": {error.field}. ", f": {path}. ", 1)
        error.field = path
    return error


def _text(ms: int | None) -> str | None:
    return None if ms is None else ms_text(ms)
