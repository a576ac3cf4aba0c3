"""Every setting of Entrepot: an ``ENTREPOT_*`` variable each, with the sentence that explains it.

``docs/operations.md`` lists them all; a test keeps the list true.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from entrepot.errors import SetupError

PREFIX = "ENTREPOT_"
PLATFORM_URL = PREFIX + "PLATFORM_URL_"

HELP: Mapping[str, str] = {
    "HOME": "Folder of the embedded database, the key file and simulated shops (default ~/.entrepot).",
    "DATABASE_URL": "sqlite:////path/file or postgresql://user@host/db (default: entrepot.sqlite in the home).",
    "SECRET_KEY": "Key that seals credentials, base64 of 32 bytes; several with commas, the newest first "
    "(default: a file in the home, readable by its owner only).",
    "API_KEY": "Makes sure that this API key exists at start, with all scopes.",
    "PUBLIC_URL": "Where callers reach the API (default http://127.0.0.1:PORT).",
    "HOST": "Address to listen on (default 127.0.0.1).",
    "PORT": "Port to listen on (default 8080).",
    "ALLOW_PRIVATE_HOSTS": "1, or a comma list of hosts, that calls to platforms may reach although they are private.",
    "WORKER_SLOTS": "Jobs that one worker runs side by side (default 4).",
    "LEASE_SECONDS": "After so long without a sign of life a worker's jobs are taken over (default 20).",
    "WRITE_WAIT_SECONDS": "How long a synchronous write waits for its platform before it answers 202 (default 50).",
    "RETENTION_RAW_DAYS": "Days that raw payloads of deleted records are kept (default 90).",
    "RETENTION_CHANGES_DAYS": "Days that the change log is kept (default 365).",
    "RETENTION_LOG_DAYS": "Days that finished jobs, syncs, operations and the activity log are kept (default 30).",
    "LOG_LEVEL": "debug, info, warning or error (default info).",
    "LOG_FORMAT": "json or console (default: console on a terminal, else json).",
    "PLATFORM_URL_<TYPE>": "Points the connector of an integration type at another address, a simulator say.",
}


@dataclass(frozen=True)
class Settings:
    """The settings of one process, read once."""

    home: Path
    database_url: str
    secret_key: str | None
    api_key: str | None
    public_url: str | None
    host: str
    port: int
    allow_private_hosts: str
    worker_slots: int
    lease_seconds: int
    write_wait_seconds: float
    retention_raw_days: int
    retention_changes_days: int
    retention_log_days: int
    log_level: str
    log_format: str
    platform_urls: Mapping[str, str]

    def platform_url(self, integration_type: str) -> str | None:
        """The address that replaces the manifest's for one integration type, or None."""
        return self.platform_urls.get(integration_type)


def load(env: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Settings of the environment; what is ``given`` (flags of the command line) wins where it is not None."""
    source = os.environ if env is None else env
    _refuse_unknown(source)
    value = _reader(source, given)
    home = Path(value("home", "~/.entrepot")).expanduser().absolute()
    return Settings(
        home=home,
        database_url=value("database_url", f"sqlite:///{home / 'entrepot.sqlite'}"),
        secret_key=value("secret_key", "") or None,
        api_key=value("api_key", "") or None,
        public_url=value("public_url", "") or None,
        host=value("host", "127.0.0.1"),
        port=_number("port", value("port", "8080"), 0, 65535),
        allow_private_hosts=value("allow_private_hosts", ""),
        worker_slots=_number("worker_slots", value("worker_slots", "4"), 1, 64),
        lease_seconds=_number("lease_seconds", value("lease_seconds", "20"), 1, 3600),
        write_wait_seconds=float(_number("write_wait_seconds", value("write_wait_seconds", "50"), 1, 600)),
        retention_raw_days=_number("retention_raw_days", value("retention_raw_days", "90"), 1, 36500),
        retention_changes_days=_number("retention_changes_days", value("retention_changes_days", "365"), 1, 36500),
        retention_log_days=_number("retention_log_days", value("retention_log_days", "30"), 1, 36500),
        log_level=_one_of("log_level", value("log_level", "info"), ("debug", "info", "warning", "error")),
        log_format=_one_of("log_format", value("log_format", "auto"), ("auto", "json", "console")),
        platform_urls={name.removeprefix(PLATFORM_URL): url for name, url in source.items()
                       if name.startswith(PLATFORM_URL)},
    )


def environment(settings: Settings) -> dict[str, str]:
    """The variables that give another process the same settings."""
    found = {PLATFORM_URL + kind: url for kind, url in settings.platform_urls.items()}
    for field in fields(settings):
        value = getattr(settings, field.name)
        if field.name != "platform_urls" and value is not None and value != "":
            found[PREFIX + field.name.upper()] = str(int(value) if isinstance(value, float) else value)
    return found


def _reader(source: Mapping[str, str], given: Mapping[str, object]) -> Callable[[str, str], str]:
    def value(name: str, default: str) -> str:
        flag = given.get(name)
        return str(flag) if flag is not None else source.get(PREFIX + name.upper()) or default

    return value


def _refuse_unknown(source: Mapping[str, str]) -> None:
    # A misspelt setting that is silently ignored costs an operator an evening.
    for name in source:
        known = name.removeprefix(PREFIX) in HELP or name.startswith((PLATFORM_URL, PREFIX + "TEST_"))
        if name.startswith(PREFIX) and not known:
            raise SetupError(f"{name} is no setting of Entrepot. Unset it, or see `entrepot serve --help`.")


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise SetupError(f"{PREFIX}{name.upper()}={text}: send a whole number from {least} to {most}.")
    return int(text)


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise SetupError(f"{PREFIX}{name.upper()}={text}: send one of {', '.join(choices)}.")
    return text
