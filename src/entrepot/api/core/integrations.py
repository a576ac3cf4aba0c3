"""/v4/core/integrations: the platforms, and the OAuth app that this environment uses with each."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from entrepot.api import idempotency
from entrepot.api.core.bodies import read
from entrepot.api.core.deleted import Deleted, reply
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.examples import INTEGRATION
from entrepot.api.query import parameters, read_plain
from entrepot.api.times import ms_text
from entrepot.engine import apps
from entrepot.engine.apps import Masked
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params, not_found
from entrepot.model.registry import NOUNS, Noun
from entrepot.store import integration_apps
from entrepot.store.store import Session

PATH = "/v4/core/integrations"
TAG = "integrations"
TYPE = Parameter("integration_type", "The integration type.", {"type": "string"}, "path", required=True,
                 example=INTEGRATION)
_NOTHING: frozenset[str] = frozenset()
_APP_BODY = {
    "type": "object", "required": ["client_id", "client_secret"], "additionalProperties": {"type": "string"},
    "description": "The app that you registered with the platform, and what else the platform gave you with it.",
    "properties": {"client_id": {"type": "string"}, "client_secret": {"type": "string"}}}
_AT = "2024-01-22T05:07:31.465Z"
_APP_EXAMPLE = {
    "integration_type": INTEGRATION, "client_id": "app-1234", "client_secret": "****9f2c", "fields": [],
    "created_at": _AT, "updated_at": _AT}


class FormField(msgspec.Struct):
    """One line of the connect form; it goes into ``credentials``."""

    name: str
    label: str
    help: str
    example: str
    secret: bool
    optional: bool
    pattern: str


class DataModel(msgspec.Struct):
    """What an integration does with a data model. ``incremental``: what did not change is not fetched again.
    ``refusal`` says why the platform does not offer it."""

    data_model: str
    category: str
    read: bool
    create: bool
    update: bool
    incremental: bool
    refusal: str | None


class Integration(msgspec.Struct):
    """A platform that companies can be connected to."""

    integration_type: str
    name: str
    category: str
    summary: str
    docs_url: str
    api_version: str
    auth: str
    fields: list[FormField]
    data_models: list[DataModel]
    app_configured: bool


class IntegrationList(msgspec.Struct):
    """All integrations, by type."""

    data: list[Integration]
    next: str | None = None


class AppShown(msgspec.Struct):
    """An OAuth app. Of its secret the end is shown; ``fields`` names what else was given."""

    integration_type: str
    client_id: str
    client_secret: str
    fields: list[str]
    created_at: str
    updated_at: str


class OneApp(msgspec.Struct):
    """One app."""

    data: AppShown


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    return [_list(engine), _set(engine), _get(engine), _delete(engine)] if version == "v4" else []


def _list(engine: Engine) -> Endpoint:
    async def listed(call: Call) -> Reply:
        read_plain(parameters(call.query), _NOTHING)
        known = await engine.store.reading(call.scope, integration_apps.configured)
        found = [_integration(engine, kind, kind in known) for kind in sorted(engine.installed)]
        return Reply(msgspec.json.encode(IntegrationList(found)))

    field = {"name": "token", "label": "Token", "help": "Settings, API.", "example": "", "secret": True,
             "optional": False, "pattern": ""}
    model = {"data_model": "ECOMMERCE_ORDERS", "category": "ECOMMERCE", "read": True, "create": True, "update": True,
             "incremental": True, "refusal": None}
    example = {"integration_type": INTEGRATION, "name": "Example shop", "category": "ECOMMERCE",
               "summary": "A shop.", "docs_url": "https://docs.example.com", "api_version": "1", "auth": "bearer",
               "fields": [field], "data_models": [model], "app_configured": False}
    return Endpoint("GET", PATH, "listIntegrations", "List what companies can be connected to", TAG, "read", listed,
                    IntegrationList, answer_example={"data": [example], "next": None})


def _set(engine: Engine) -> Endpoint:
    async def keep(call: Call) -> Reply:
        kind, given = _kind(engine, call), _strings(read(call.body, dict[str, object]))
        return await idempotency.effect(
            engine, call, lambda session: _app(apps.keep(engine, session, kind, given)))

    return Endpoint("PUT", f"{PATH}/{{integration_type}}/app", "setIntegrationApp",
                    "Set the OAuth app that is used with an integration", TAG, "credentials", keep, OneApp,
                    parameters=(TYPE,), body=_APP_BODY,
                    body_example={"client_id": "app-1234", "client_secret": "keep-this-to-yourself-9f2c"},
                    answer_example={"data": _APP_EXAMPLE})


def _get(engine: Engine) -> Endpoint:
    async def get(call: Call) -> Reply:
        kind = _kind(engine, call)

        def found(session: Session) -> Reply:
            app = integration_apps.get(session, kind)
            if app is None:
                raise not_found("app of", kind)
            return _app(apps.masked(engine, app))

        return await engine.store.reading(call.scope, found)

    return Endpoint("GET", f"{PATH}/{{integration_type}}/app", "getIntegrationApp",
                    "Read which OAuth app is used with an integration", TAG, "read", get, OneApp, parameters=(TYPE,),
                    answer_example={"data": _APP_EXAMPLE})


def _delete(engine: Engine) -> Endpoint:
    async def delete(call: Call) -> Reply:
        kind = _kind(engine, call)

        def deleted(session: Session) -> Reply:
            if not integration_apps.remove(session, kind):
                raise not_found("app of", kind)
            return reply(Deleted())

        return await idempotency.effect(engine, call, deleted)

    return Endpoint("DELETE", f"{PATH}/{{integration_type}}/app", "deleteIntegrationApp",
                    "Forget the OAuth app of an integration", TAG, "credentials", delete, Deleted, parameters=(TYPE,),
                    answer_example={"status": "success"})


def _strings(given: Mapping[str, object]) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(value, str):
            raise invalid_params(name[:100], "Send a string.")
    return {name: str(value) for name, value in given.items()}


def _kind(engine: Engine, call: Call) -> str:
    kind = call.path["integration_type"]
    if kind not in engine.installed:
        raise not_found("integration", kind[:100])
    return kind


def _app(app: Masked) -> Reply:
    return Reply(msgspec.json.encode(OneApp(AppShown(
        app.integration_type, app.client_id, app.client_secret, list(app.fields), ms_text(app.created_at),
        ms_text(app.updated_at)))))


def _integration(engine: Engine, kind: str, configured: bool) -> Integration:
    manifest = engine.platform(kind).manifest
    fields = [FormField(field.name, field.label, field.help, "" if field.secret else field.example, field.secret,
                        field.optional, field.pattern) for field in manifest.connect.fields]
    models = [_model(engine, kind, noun) for noun in NOUNS if noun.category == manifest.category]
    return Integration(manifest.integration_type, manifest.name, manifest.category, manifest.summary, manifest.docs_url,
                       manifest.api_version, manifest.auth.kind, fields, models, configured)


def _model(engine: Engine, kind: str, noun: Noun) -> DataModel:
    connector = engine.platform(kind).connector
    stream = connector.stream_of(noun.name)
    refusal = None if stream is not None else connector.refusals.get(noun.name, "the platform does not offer it")
    return DataModel(
        noun.data_model, noun.category, stream is not None, connector.action(noun.name, "create") is not None,
        connector.action(noun.name, "update") is not None, stream is not None and stream.incremental, refusal)
