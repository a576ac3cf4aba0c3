"""Connect a shop: check the form, try the credentials, and only then keep them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from entrepot.engine import defaults, rhythm
from entrepot.engine.context import Engine
from entrepot.engine.rhythm import Rhythm
from entrepot.errors import (
    ApiError,
    NeedsReauth,
    PlatformFault,
    Rejected,
    Throttled,
    invalid_params,
    missing_params,
    not_found,
)
from entrepot.kit.connection import Access
from entrepot.kit.form import check_form
from entrepot.kit.installed import Installed
from entrepot.store import activity, companies, connections
from entrepot.store.connections import Connection
from entrepot.store.scope import Scope
from entrepot.store.store import Session


async def connect(
    engine: Engine, scope: Scope, company_id: int, integration_type: str, credentials: Mapping[str, str],
    rhythms: Sequence[Rhythm] = (),
) -> int:
    """Connect a company to a shop; answers the connection's id. Data models without a rhythm get the default.

    Raises ApiError: 404 for the company, 400 naming ``credentials.<field>`` for what the form refuses, and 400 with
    the platform's own words when the shop does. Nothing is kept then.
    """
    platform = engine.platform(integration_type)
    if await engine.store.reading(scope, lambda session: companies.get(session, company_id)) is None:
        raise not_found("company", company_id)
    rhythm.check(engine, integration_type, rhythms)
    settings, secrets = _split(platform, credentials)
    learned = await _probe(engine, platform, settings, secrets)
    return await engine.store.writing(
        scope,
        lambda session: _keep(engine, session, scope, company_id, platform, {**settings, **learned}, secrets, rhythms),
    )


def _split(platform: Installed, credentials: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    try:
        cleaned = check_form(platform.manifest, credentials)
    except Rejected as refusal:
        field = f"credentials.{refusal.field}" if refusal.field else "credentials"
        told = missing_params if refusal.code == "missing-params" else invalid_params
        raise told(field, refusal.message) from refusal
    secret = platform.manifest.secret_names
    return ({name: value for name, value in cleaned.items() if name not in secret},
            {name: value for name, value in cleaned.items() if name in secret})


async def _probe(
    engine: Engine, platform: Installed, settings: Mapping[str, str], secrets: Mapping[str, str],
) -> Mapping[str, str]:
    kind = platform.manifest.integration_type
    name = platform.manifest.name
    try:
        shop = engine.kit.shop(Access(integration_type=kind, credentials=secrets, settings=settings,
                                      platform_url=engine.settings.platform_url(kind)))
        return await platform.connector.probe(shop)
    except NeedsReauth as problem:
        raise ApiError(400, "platform-denied", f"{name} did not accept the credentials. Check them and send them "
                       "again.", field="credentials", platform_error=problem.platform_error) from problem
    except Throttled as problem:
        raise ApiError(400, "platform-denied", f"{name} asks us to wait until {problem.until.isoformat()}. "
                       "Connect again then.", platform_error=problem.platform_error) from problem
    except Rejected as problem:
        field = f"credentials.{problem.field}" if problem.field else "credentials"
        raise ApiError(400, problem.code, f"{name} refused the first call: {problem.message}", field=field,
                       platform_error=problem.platform_error) from problem
    except PlatformFault as problem:
        raise ApiError(400, "platform-denied", f"{name} could not be reached: {problem.message}", field="credentials",
                       platform_error=problem.platform_error) from problem


def _keep(
    engine: Engine, session: Session, scope: Scope, company_id: int, platform: Installed,
    settings: Mapping[str, str], secrets: Mapping[str, str], rhythms: Sequence[Rhythm],
) -> int:
    manifest = platform.manifest
    connection: Connection = connections.create(session, scope, company_id, manifest.integration_type,
                                                manifest.category, settings)
    connections.seal(session, connection.id, engine.seal(connection.id, secrets), settings)
    defaults.apply(engine, session, connection)
    rhythm.apply(engine, session, connection, rhythms)
    activity.note(session, scope, "CONNECTION_CREATED", company_id, manifest.integration_type)
    return connection.id
