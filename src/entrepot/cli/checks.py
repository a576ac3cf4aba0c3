"""The checks of ``entrepot doctor``, one function each."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from entrepot.cli import in_use
from entrepot.cli.listening import listen
from entrepot.cli.opened import shown_url
from entrepot.clock import now_ms
from entrepot.engine.context import TABLE
from entrepot.errors import SetupError
from entrepot.kit.installed import find_installed
from entrepot.settings import Settings
from entrepot.store.vital_signs import Signs, examine
from entrepot.vault.keys import FILE_NAME, SETTING
from entrepot.vault.vault import Vault

FULL_BYTES, TIGHT_BYTES = 200 << 20, 2 << 30
SKEW_MS, SKEW_HARMS_MS = 2_000, 30_000
"""Leases last 20 s: a clock that is off by more makes workers take over each other's jobs."""
AHEAD_MS = 60_000


@dataclass(frozen=True)
class Check:
    """One line: how it stands, and what to type when it does not stand well."""

    level: Literal["ok", "warn", "fail"]
    subject: str
    text: str
    advice: str = ""


def every_check(settings: Settings) -> Iterator[Check]:
    """All checks, in the order in which things depend on each other."""
    yield Check("ok", "python", f"{sys.version.split()[0]}, Entrepot in {Path(__file__).parents[1]}")
    yield _home(settings.home)
    yield _disk(settings)
    signs = None
    for found in _database(settings):
        if isinstance(found, Signs):
            signs = found
        else:
            yield found
    if signs is not None and signs.version == signs.newest:
        yield _clock(signs)
        yield _worker(signs)
        yield _api_keys(signs)
    yield _secret_key(settings, signs)
    yield _port(settings)
    yield from _connectors(signs)


def _home(home: Path) -> Check:
    if not home.exists():
        return Check("warn", "home", f"{home} is not there yet; the first start makes it", "Type: entrepot serve")
    if not os.access(home, os.W_OK | os.X_OK):
        return Check("fail", "home", f"{home} cannot be written by this user",
                     f"Type: sudo chown -R $(id -un) {home}, or choose another with --home DIR")
    if os.name == "posix" and stat.S_IMODE(home.stat().st_mode) & 0o077:
        return Check("warn", "home", f"{home} can be read by others", f"Type: chmod 700 {home}")
    return Check("ok", "home", str(home))


def _disk(settings: Settings) -> Check:
    file = in_use.sqlite_file(settings.database_url)
    place = settings.home if file is None else file.parent
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{free / 1e9:,.1f} GB free at {place}"
    if free < FULL_BYTES:
        return Check("fail", "disk", text, "Make room: with less than 200 MB the database may refuse to write")
    if free < TIGHT_BYTES:
        return Check("warn", "disk", text, "Make room soon: a first sync of a large shop needs gigabytes")
    return Check("ok", "disk", text)


def _database(settings: Settings) -> Iterator[Check | Signs]:
    url = settings.database_url
    shown = shown_url(url)
    file = in_use.sqlite_file(url)
    if file is not None and not file.exists():
        yield Check("warn", "database", f"{file} is not there yet; the first start makes it", "Type: entrepot serve")
        return
    try:
        signs = examine(url)
    except (SQLAlchemyError, SetupError) as problem:
        said = str(getattr(problem, "orig", problem)).strip().splitlines()[0]
        yield Check("fail", "database", f"{shown} cannot be opened: {said}",
                    "Check ENTREPOT_DATABASE_URL (or --database), and that the server runs and lets you in")
        return
    if signs.refused:
        yield Check("fail", "database", f"{shown} cannot be written: {signs.refused}",
                    "Give this user the right to write (PostgreSQL: GRANT CREATE ON SCHEMA public TO ...)")
    elif signs.version is None:
        yield Check("warn", "database", f"{shown} is empty; the first start makes the tables", "Type: entrepot serve")
    elif signs.version != signs.newest:
        yield Check("warn", "database", f"{shown} is at version {signs.version}, this program has {signs.newest}",
                    "Back up, then type: entrepot serve (it upgrades), or upgrade the program")
    else:
        yield Check("ok", "database", f"{shown} answers, can be written and is current ({signs.version})")
    yield signs


def _clock(signs: Signs) -> Check:
    skew, ahead = abs(signs.clock_ahead_ms), signs.newest_change_ms - now_ms()
    if skew > SKEW_MS:
        return Check("fail" if skew > SKEW_HARMS_MS else "warn", "clock",
                     f"this machine and the database differ by {skew / 1000:,.1f} s", "Type: timedatectl set-ntp true")
    if ahead > AHEAD_MS:
        return Check("warn", "clock", f"records changed {ahead / 1000:,.0f} s in the future: this clock was "
                     "ahead, or is behind now", "Type: timedatectl set-ntp true")
    return Check("ok", "clock", "agrees with the database")


def _worker(signs: Signs) -> Check:
    if signs.overdue_jobs:
        return Check("warn", "worker", f"{signs.overdue_jobs} jobs wait for more than a minute",
                     "Type: entrepot worker")
    return Check("ok", "worker", "no job waits for one")


def _api_keys(signs: Signs) -> Check:
    if not signs.keys:
        return Check("warn", "api keys", "none opens anything", "Type: entrepot keys create")
    return Check("ok", "api keys", f"{signs.keys} in use")


def _secret_key(settings: Settings, signs: Signs | None) -> Check:
    path = settings.home / FILE_NAME
    source = SETTING if settings.secret_key else str(path)
    sealed = signs.sealed if signs else []
    if not settings.secret_key and not path.exists():
        if sealed:
            return Check("fail", "secret key", f"{path} is gone, and {len(sealed)} connections are sealed with it",
                         f"Put the file back, or set {SETTING}; else those shops must be connected again")
        return Check("warn", "secret key", f"{path} is not there yet; the first start makes it", "Type: entrepot serve")
    try:
        vault = Vault.load(settings.home, settings.secret_key)
        for ident, text in sealed:
            vault.open(text, table=TABLE, row=ident)
    except SetupError as problem:
        return Check("fail", "secret key", str(problem))
    fit = f", opens {len(sealed)} connections" if sealed else ""
    return Check("ok", "secret key", f"{source} (key {vault.key_id}){fit}")


def _port(settings: Settings) -> Check:
    try:
        listen(settings.host, settings.port).close()
    except SetupError as problem:
        if settings.port and _is_ours(settings):
            return Check("ok", "port", f"{settings.port}: Entrepot answers there")
        return Check("fail", "port", str(problem))
    return Check("ok", "port", f"{settings.port} on {settings.host} is free")


def _is_ours(settings: Settings) -> bool:
    from http.client import HTTPConnection, HTTPException

    there = HTTPConnection(settings.host, settings.port, timeout=2)
    try:
        there.request("GET", "/healthz")
        return there.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        there.close()


def _connectors(signs: Signs | None) -> Iterator[Check]:
    try:
        found = find_installed()
    except SetupError as problem:
        yield Check("fail", "connectors", str(problem))
        return
    if not found:
        yield Check("fail", "connectors", "none is installed", "Install Entrepot again, or a package with a connector")
        return
    yield Check("ok", "connectors", ", ".join(found))
    missing = sorted(set(signs.integration_types) - set(found)) if signs else []
    if missing:
        yield Check("fail", "connectors", f"shops are connected with {', '.join(missing)}, which is not installed",
                    "Install the package that brings it")
