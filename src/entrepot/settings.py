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
    "ALLOW_PRIVATE_HOSTS": "1, or a comma list of hosts, that calls to platforms and webhooks may reach although "
    "they are private.",
    "WORKER_SLOTS": "Jobs that one worker runs side by side (default 4).",
    "LEASE_SECONDS": "After so long without a sign of life a worker's jobs are taken over (default 20).",
    "WRITE_WAIT_SECONDS": "How long a synchronous write waits for its platform before it answers 202 (default 50).",
    "RATE_LIMIT": "Requests a minute of one API key, and after a slash how many at once: 100/200 (default 6000/6000).",
    "WEBHOOK_TIMEOUT_SECONDS": "How long a webhook's receiver may take to answer (default 15).",
    "WEBHOOK_RETRY_SECONDS": "Waits between the tries of a webhook, comma list, jittered by a tenth (default: eleven "
    "waits, 5 seconds to 25 hours, 73 hours together).",
    "WEBHOOK_PAUSE_HOURS": "A webhook whose every delivery failed for so long is paused (default 72).",
    "METRICS_TOKEN": "Opens /metrics: sent by Prometheus as Authorization: Bearer (default: /metrics is shut).",
    "IDEMPOTENCY_HOURS": "How long the answer of an Idempotency-Key is kept (default 24).",
    "RETENTION_DELIVERY_DAYS": "Days that webhook deliveries are kept for replay (default 30).",
    "RETENTION_RAW_DAYS": "Days that raw payloads of deleted records are kept (default 90).",
    "RETENTION_CHANGES_DAYS": "Days that the change log is kept (default 365).",
    "RETENTION_LOG_DAYS": "Days that finished jobs, syncs, operations and the activity log are kept (default 30).",
    "LOG_LEVEL": "debug, info, warning or error (default info).",
    "LOG_FORMAT": "json or console (default: console on a terminal, else json).",
    "PLATFORM_URL_<TYPE>": "Points the connector of an integration type at another address, a simulator say.",
}


RETRY_SECONDS = "5,30,120,600,1800,3600,10800,21600,43200,86400,90000"
"""Twelve tries in all, the last one some 72 hours after the first."""


@dataclass(frozen=True)
class RateLimit:
    """What one API key may ask for: ``per_minute`` requests in the long run, ``burst`` of them at once."""

    per_minute: int
    burst: int

    @classmethod
    def parse(cls, text: str) -> RateLimit:
        """``100`` or ``100/200``."""
        rate, slash, burst = text.partition("/")
        per_minute = _number("rate_limit", rate, 1, 10_000_000)
        return cls(per_minute, _number("rate_limit", burst, 1, 10_000_000) if slash else per_minute)

    def __str__(self) -> str:
        return f"{self.per_minute}/{self.burst}"


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
    rate_limit: RateLimit
    webhook_timeout_seconds: float
    webhook_retry_seconds: tuple[float, ...]
    webhook_pause_hours: int
    metrics_token: str | None
    idempotency_hours: int
    retention_delivery_days: int
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
        rate_limit=RateLimit.parse(value("rate_limit", "6000")),
        webhook_timeout_seconds=float(_number("webhook_timeout_seconds", value("webhook_timeout_seconds", "15"), 1,
                                              300)),
        webhook_retry_seconds=_waits(value("webhook_retry_seconds", RETRY_SECONDS)),
        webhook_pause_hours=_number("webhook_pause_hours", value("webhook_pause_hours", "72"), 1, 8760),
        metrics_token=value("metrics_token", "") or None,
        idempotency_hours=_number("idempotency_hours", value("idempotency_hours", "24"), 1, 8760),
        retention_delivery_days=_number("retention_delivery_days", value("retention_delivery_days", "30"), 1, 36500),
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
            found[PREFIX + field.name.upper()] = _text(value)
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(f"{one:g}" for one in value)
    return str(int(value) if isinstance(value, float) else value)


def _waits(text: str) -> tuple[float, ...]:
    try:
        found = tuple(float(one) for one in text.split(","))
    except ValueError:
        found = ()
    if not found or not all(0 < one <= 30 * 86400 for one in found) or len(found) > 100:
        raise SetupError(f"{PREFIX}WEBHOOK_RETRY_SECONDS={text}: send seconds with commas between, "
                         f"{RETRY_SECONDS} say.")
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
