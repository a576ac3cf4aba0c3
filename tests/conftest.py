"""What all tests share: a home, a PostgreSQL database of one's own, and the rule that CI skips nothing.

`ENTREPOT_TEST_POSTGRES` names a server in which databases may be made; without it the one on loopback is tried.
"""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import psycopg
import pytest

DEFAULT_SERVER = "postgresql://postgres@127.0.0.1:5432"
IN_CI = os.environ.get("CI") == "true"
_skips: dict[str, str] = {}


def server() -> str:
    """The PostgreSQL server for tests, without a database name or a trailing slash."""
    return os.environ.get("ENTREPOT_TEST_POSTGRES", DEFAULT_SERVER).rstrip("/")


@cache
def unreachable() -> str | None:
    """Why no test database can be made, or None when one can."""
    try:
        psycopg.connect(f"{server()}/postgres", autocommit=True, connect_timeout=3).close()
    except psycopg.Error as error:
        reason = str(error).strip().splitlines()[0]
        return f"no PostgreSQL for tests ({reason}); set ENTREPOT_TEST_POSTGRES=postgresql://user@host:port"
    return None


def medusa_missing() -> str | None:
    """Why the tests against a real Medusa cannot run here, or None when they can.

    They fetch 700 MB once, so outside CI they run only when asked for or when that has been done.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "a real Medusa needs node and npm"
    if unreachable():
        return unreachable()
    home = Path(os.environ.get("MEDUSA_HOME", "~/.cache/medusa-bench")).expanduser()
    if IN_CI or os.environ.get("ENTREPOT_TEST_MEDUSA") == "1" or (home / "node_modules").is_dir():
        return None
    return "fetches 700 MB of npm packages once; set ENTREPOT_TEST_MEDUSA=1 to let it"


def npm_missing() -> str | None:
    """Why the published client cannot be fetched and run here, or None when it can."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "the published npm client needs node and npm"
    return None


def chromium() -> str | None:
    """The browser that tests look at pages with, or None when there is none here."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On several cores (`-n 2 --dist loadfile`) what takes longest begins first."""
    if config.getoption("numprocesses", None) is None and not hasattr(config, "workerinput"):
        return
    slow = ("crash", "end_to_end", "client")
    items.sort(key=lambda item: item.path.relative_to(config.rootpath).parts[1] not in slow)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, with the reason, what this machine has no server for."""
    if item.get_closest_marker("npm") and (why := npm_missing()):
        pytest.skip(why)
    if item.get_closest_marker("medusa") and (why := medusa_missing()):
        pytest.skip(why)
    if item.get_closest_marker("browser") and chromium() is None:
        pytest.skip("looking at a page needs chromium")
    if item.get_closest_marker("postgres") and (why := unreachable()):
        pytest.skip(why)


@pytest.fixture
def tmp_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and an environment without the developer's own ENTREPOT_ settings."""
    for name in [name for name in os.environ if name.startswith("ENTREPOT_") and "_TEST_" not in name]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("ENTREPOT_HOME", str(home))
    return home


@contextmanager
def postgres_database() -> Iterator[str]:
    """The URL of a fresh PostgreSQL database, dropped afterwards whoever still holds it."""
    name = f"ent_test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server()}/postgres", autocommit=True) as admin:
        admin.execute(f'create database "{name}"')
        try:
            yield f"{server()}/{name}"
        finally:
            admin.execute(f'drop database if exists "{name}" with (force)')


@pytest.fixture
def postgres_url() -> Iterator[str]:
    """A fresh PostgreSQL database of the test's own."""
    if why := unreachable():
        pytest.skip(why)
    with postgres_database() as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of either kind: a test that takes this runs on both."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'entrepot.db'}"
    url: str = request.getfixturevalue("postgres_url")
    return url


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember what was skipped, or only expected to fail."""
    if report.skipped:
        _skips[report.nodeid] = _reason(report.longrepr)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """Remember modules that skipped themselves."""
    if report.skipped:
        _skips[report.nodeid] = _reason(report.longrepr)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: what is not run there is run nowhere."""
    if IN_CI and _skips and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which skips made the session fail."""
    if IN_CI and _skips:
        terminalreporter.section("skipped although CI=true: this session fails", red=True)
        for nodeid, reason in sorted(_skips.items()):
            terminalreporter.write_line(f"{nodeid}: {reason}")


def _reason(longrepr: object) -> str:
    return str(longrepr[2]) if isinstance(longrepr, tuple) else str(longrepr)
