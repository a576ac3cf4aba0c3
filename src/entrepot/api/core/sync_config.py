"""How often data models are synced and what may be done with them: the environment's defaults and each connection's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from entrepot.api.core.bodies import read
from entrepot.api.core.config_bodies import (
    CompanyConfigs,
    ConfigList,
    ConfigShown,
    ConnectionConfigList,
    DefaultConfigs,
    DefaultsKept,
    PlainConfigs,
    connected,
    merged,
    plain,
    shown,
)
from entrepot.api.core.pages import read_page
from entrepot.api.endpoint import Call, Endpoint, Parameter, Reply
from entrepot.api.idempotency import effect
from entrepot.engine import defaults, rhythm
from entrepot.engine.choose import choose
from entrepot.engine.context import Engine
from entrepot.errors import invalid_params, missing_params, not_found
from entrepot.model.registry import NOUNS, noun
from entrepot.store import companies, connections, frequencies
from entrepot.store.connections import Connection
from entrepot.store.frequencies import SyncConfig
from entrepot.store.store import Session
from entrepot.store.sync_defaults import EVERY_PLATFORM

CATEGORIES = ("ACCOUNTING", "CRM", "CUSTOM", "ECOMMERCE", "PAYMENTS")
CATEGORY = Parameter("category", "Whose data models.", {"type": "string", "enum": list(CATEGORIES)}, required=True,
                     example="ECOMMERCE")
KIND = Parameter("integration_type", "Only of this kind of shop.", {"type": "string"})
CONNECTION = Parameter("connection_id", "Only of this connection.", {"type": "integer"})
COMPANY_ID = Parameter("company_id", "The company's rootfi_id.", {"type": "integer"}, "path", required=True)
_EXAMPLE = SyncConfig("order", True, "HOURLY", 6, "2024-01-01T00:00:00.000Z")
_CHANGE = {"data_model": "ECOMMERCE_ORDERS", "category": "ECOMMERCE", "enabled": True, "frequency": "HOURLY",
           "interval": 6, "scope_access": {"READ": True, "CREATE": True, "UPDATE": False, "DELETE": False},
           "sync_from": "2024-01-01"}
_OF_COMPANY = "/v4/core/companies/{company_id}/sync_config"
_OF_ORGANISATION = "/v4/core/organizations/sync_config"


def endpoints(engine: Engine, version: str) -> list[Endpoint]:
    """The calls of one version."""
    found = [_by_category(engine, version)]
    if version == "v4":
        found += [_defaults(engine), _keep_defaults(engine), _of_company(engine), _change(engine)]
    return found


def _by_category(engine: Engine, version: str) -> Endpoint:
    fine = version == "v4"

    async def work(call: Call) -> Reply:
        category = read_page(call.query, frozenset({"category"})).plain.get("category", "")
        if not category:
            raise missing_params("category", f"Send one of {', '.join(CATEGORIES)}.")
        if category not in CATEGORIES:
            raise invalid_params("category", f"Send one of {', '.join(CATEGORIES)}.")
        nouns = [name for name in defaults.offered(engine) if noun(name).category == category]
        found = await engine.store.reading(
            call.scope, lambda session: defaults.of(session, call.scope.environment_id, nouns))
        return _reply(PlainConfigs([plain(one, fine=fine) for one in found.values()]))

    return Endpoint("GET", f"/{version}/core/syncs/config", "getSyncConfig", "Read how often data models are synced",
                    "syncs", "read", work, PlainConfigs, parameters=(CATEGORY,),
                    answer_example=_builtins(PlainConfigs([plain(_EXAMPLE, fine=fine)])))


def _defaults(engine: Engine) -> Endpoint:
    async def work(call: Call) -> Reply:
        kind = read_page(call.query, frozenset({"integration_type"})).plain.get("integration_type", EVERY_PLATFORM)
        nouns = defaults.offered(engine, kind)
        return _reply(ConfigList(await engine.store.reading(
            call.scope, lambda session: _defaults_of(session, nouns, kind))))

    return Endpoint("GET", _OF_ORGANISATION, "getDefaultSyncConfig", "Read what new connections begin with", "syncs",
                    "read", work, ConfigList, parameters=(KIND,),
                    answer_example=_builtins(ConfigList([shown(_EXAMPLE, overridden=True)])))


def _keep_defaults(engine: Engine) -> Endpoint:
    async def work(call: Call) -> Reply:
        body = read(call.body, DefaultConfigs)
        kind = body.integration_type or EVERY_PLATFORM
        known = defaults.offered(engine, kind)

        def keep(session: Session) -> Reply:
            before = defaults.of(session, call.scope.environment_id, known, kind)
            rhythms = merged(body.configs, before)
            nouns = defaults.keep(engine, session, call.scope, rhythms, kind)
            moved = defaults.propagate(engine, session, call.scope, nouns, kind) if body.propagate else 0
            return _reply(DefaultsKept(_defaults_of(session, known, kind), moved))

        return await effect(engine, call, keep)

    return Endpoint("POST", _OF_ORGANISATION, "setDefaultSyncConfig", "Set what new connections begin with", "syncs",
                    "admin", work, DefaultsKept, body=DefaultConfigs,
                    body_example={"configs": [_CHANGE], "propagate": False},
                    answer_example=_builtins(DefaultsKept([shown(_EXAMPLE, overridden=True)], 0)))


def _of_company(engine: Engine) -> Endpoint:
    async def work(call: Call) -> Reply:
        query = read_page(call.query, frozenset({"integration_type", "connection_id"})).plain
        ident = query.get("connection_id", "")
        if ident and not (ident.isascii() and ident.isdigit() and len(ident) < 16):
            raise invalid_params("connection_id", "It must be a positive whole number.")

        def listed(session: Session) -> ConnectionConfigList:
            company = _company(session, call.path["company_id"])
            some = [one for one in connections.of_company(session, company)
                    if not ident or one.id == int(ident)]
            return _configs(engine, session, [one for one in some if one.integration_type == query.get(
                "integration_type", one.integration_type)])

        return _reply(await engine.store.reading(call.scope, listed))

    return Endpoint("GET", _OF_COMPANY, "getCompanySyncConfig", "Read how often a company's data models are synced",
                    "syncs", "read", work, ConnectionConfigList, parameters=(COMPANY_ID, CONNECTION, KIND),
                    answer_example=_EXAMPLE_OF_COMPANY)


def _change(engine: Engine) -> Endpoint:
    async def work(call: Call) -> Reply:
        body = read(call.body, CompanyConfigs)

        def change(session: Session) -> Reply:
            connection = choose(session, _company(session, call.path["company_id"]), body.connection_id,
                                body.integration_type)
            before = {one.noun: one for one in frequencies.of_connection(session, connection.id)}
            rhythm.apply(engine, session, connection, merged(body.configs, before), field="configs")
            return _reply(_configs(engine, session, [connection]))

        return await effect(engine, call, change)

    return Endpoint("PATCH", _OF_COMPANY, "changeCompanySyncConfig",
                    "Set how often a company's data models are synced, and what may be done with them", "syncs",
                    "admin", work, ConnectionConfigList, parameters=(COMPANY_ID,), body=CompanyConfigs,
                    body_example={"configs": [_CHANGE]}, answer_example=_EXAMPLE_OF_COMPANY)


def _defaults_of(session: Session, nouns: Sequence[str], kind: str) -> list[ConfigShown]:
    usual = defaults.of_nobody(nouns)
    found = defaults.of(session, session.scope.environment_id, nouns, kind)
    return [shown(one, overridden=defaults.overridden(one, usual[name])) for name, one in found.items()]


def _configs(engine: Engine, session: Session, some: Iterable[Connection]) -> ConnectionConfigList:
    answer = ConnectionConfigList([])
    for connection in some:
        usual: dict[str, SyncConfig] = {}
        if connection.integration_type in engine.installed:
            usual = {one.noun: one
                     for one in defaults.fitting(engine, session, connection.scope, connection.integration_type)}
        found = {one.noun: one for one in frequencies.of_connection(session, connection.id)}
        for name in [one.name for one in NOUNS if one.name in found]:
            differs = name not in usual or defaults.overridden(found[name], usual[name])
            answer.data.append(connected(found[name], connection, overridden=differs))
    return answer


def _company(session: Session, ident: str) -> int:
    number = int(ident) if ident.isascii() and ident.isdigit() and len(ident) < 16 else 0
    if companies.get(session, number) is None:
        raise not_found("company", ident)
    return number


def _reply(answer: msgspec.Struct) -> Reply:
    return Reply(msgspec.json.encode(answer))


def _builtins(answer: msgspec.Struct) -> object:
    return msgspec.to_builtins(answer)


_EXAMPLE_OF_COMPANY = {"data": [{**msgspec.to_builtins(shown(_EXAMPLE, overridden=True)), "connection_id": 43,
                                 "integration_type": "EXAMPLE_SHOP"}]}
