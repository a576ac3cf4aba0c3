"""Structured logs: one JSON object a line, or coloured lines on a terminal. Never holds a secret."""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from entrepot.settings import Settings

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
# Belt to the braces of the kit's redaction: a field of such a name never reaches a log, whoever put it there.
_NEVER = ("secret", "password", "token", "credential", "api_key", "authorization")
# And whatever text a key of ours stands in.
_KEY = re.compile(r"\b(ent_(?:live|test)_)\w{12,}")


def configure(settings: Settings) -> None:
    """Set the process's logging up once."""
    level = _LEVELS[settings.log_level]
    console = settings.log_format == "console" or (settings.log_format == "auto" and sys.stderr.isatty())
    renderer = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars, structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info,
            _drop_secrets, renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # A line is one write: several processes share a standard error, and must not write into each other's lines.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr), cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=max(level, logging.WARNING), stream=sys.stderr,
                        format="%(levelname)s %(name)s %(message)s")


def _drop_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in event:
        if any(word in name.lower() for word in _NEVER):
            event[name] = "[removed]"
        elif isinstance(event[name], str):
            event[name] = _KEY.sub(r"\1[removed]", event[name])
    return event
