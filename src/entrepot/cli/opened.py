"""Everything that a command works with, opened and closed again."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from entrepot.errors import SetupError
from entrepot.settings import Settings

if TYPE_CHECKING:
    from entrepot.app import App


@contextmanager
def opened(settings: Settings, *, quiet: bool = False) -> Iterator[App]:
    """The application on an open, current database. ``quiet``: only warnings are logged, unless the operator said
    otherwise, so that progress stays readable. SetupError when the database cannot be reached."""
    from sqlalchemy.exc import OperationalError

    from entrepot import log
    from entrepot.app import build

    if quiet and "ENTREPOT_LOG_LEVEL" not in os.environ:
        settings = replace(settings, log_level="warning")
    log.configure(settings)
    try:
        app = build(settings)
    except OperationalError as problem:
        raise SetupError(unreachable(settings.database_url, problem)) from problem
    try:
        yield app
    finally:
        app.close()


def unreachable(url: str, problem: Exception) -> str:
    """One sentence on a database that does not answer; its address without the password."""
    said = str(getattr(problem, "orig", problem)).strip().splitlines() or [type(problem).__name__]
    return f"The database {shown_url(url)} cannot be used: {said[0]}. Look closer with `entrepot doctor`."


def shown_url(url: str) -> str:
    """A database's address without its password."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return url.partition(":")[0] + "://..."
