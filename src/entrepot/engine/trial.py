"""Try a shop's credentials before anything is kept: the form is checked, and the shop asked who it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from entrepot.engine.context import Engine
from entrepot.errors import (
    ApiError,
    NeedsReauth,
    PlatformFault,
    Rejected,
    Throttled,
    invalid_params,
    missing_params,
)
from entrepot.kit.connection import Access
from entrepot.kit.form import base_url, check_form
from entrepot.kit.installed import Installed

SHOP_ID = "shop_id"
"""What a probe learns under this name tells one shop from another."""


@dataclass(frozen=True)
class Tried:
    """Credentials that open a shop. ``settings`` are the form's open fields and what the probe learned; ``calls`` is
    what the probe cost."""

    platform: Installed
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    calls: int

    def __repr__(self) -> str:
        return f"Tried({self.platform.manifest.integration_type})"


async def try_credentials(engine: Engine, platform: Installed, credentials: Mapping[str, str]) -> Tried:
    """Open the shop with a filled-in connect form.

    Raises ApiError: 400 naming ``credentials.<field>`` for what the form refuses, and 400 with the platform's own
    words when the shop does.
    """
    settings, secrets = _split(platform, credentials)
    shop = engine.kit.shop(Access(
        integration_type=platform.manifest.integration_type, credentials=secrets, settings=settings,
        platform_url=engine.settings.platform_url(platform.manifest.integration_type)))
    try:
        learned = await platform.connector.probe(shop)
    except PlatformFault as problem:
        raise refused(platform, problem) from problem
    return Tried(platform, {**settings, **learned}, secrets, shop.meter.calls)


def refused(platform: Installed, problem: PlatformFault) -> ApiError:
    """Why a shop did not open, as it is told to whoever sent the credentials."""
    name = platform.manifest.name
    if isinstance(problem, NeedsReauth):
        return ApiError(400, "platform-denied", f"{name} did not accept the credentials. Check them and send them "
                        "again.", field="credentials", platform_error=problem.platform_error)
    if isinstance(problem, Throttled):
        return ApiError(400, "platform-denied", f"{name} asks us to wait until {problem.until.isoformat()}. "
                        "Connect again then.", platform_error=problem.platform_error)
    if isinstance(problem, Rejected):
        field = f"credentials.{problem.field}" if problem.field else "credentials"
        return ApiError(400, problem.code, f"{name} refused the first call: {problem.message}", field=field,
                        platform_error=problem.platform_error)
    return ApiError(400, "platform-denied", f"{name} could not be reached: {problem.message}", field="credentials",
                    platform_error=problem.platform_error)


def same_shop(platform: Installed, before: Mapping[str, str], now: Mapping[str, str]) -> bool:
    """Whether two connections' settings lead to one shop: by the id that the shop told, where it told one both times,
    else by the address that the settings make."""
    if before.get(SHOP_ID) and now.get(SHOP_ID):
        return before[SHOP_ID] == now[SHOP_ID]
    return base_url(platform.manifest, before) == base_url(platform.manifest, now)


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
