"""--help is quick because it imports little, and errors are one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from entrepot import __version__
from tests.cli.processes import entrepot

HEAVY = ("sqlalchemy", "alembic", "litestar", "uvicorn", "aiohttp", "structlog", "psycopg", "cryptography", "msgspec")


def test_help_imports_nothing_heavy() -> None:
    code = f"import sys, entrepot.cli.main; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("args", [(), ("--help",), ("serve", "-h"), ("keys",)])
def test_help_is_printed(home: Path, args: tuple[str, ...]) -> None:
    done = entrepot(home, *args)
    assert "Usage:" in done.stdout + done.stderr
    assert not home.exists()


def test_version(home: Path) -> None:
    assert entrepot(home, "--version").stdout == f"entrepot {__version__}\n"


@pytest.mark.parametrize(("args", "settings", "sentence"), [
    (("keys", "list"), {"ENTREPOT_PROT": "1"}, "ENTREPOT_PROT is no setting of Entrepot."),
    (("serve",), {"ENTREPOT_PORT": "http"}, "ENTREPOT_PORT=http: send a whole number"),
    (("keys", "list", "--database", "mysql://x/y"), {}, "mysql: is not a database that Entrepot knows"),
    (("keys", "list", "--database", "postgresql://nobody:hidden@127.0.0.1:9/x"), {}, "nobody:***@127.0.0.1:9/x"),
    (("keys", "create", "--scopes", "all"), {}, "--scopes all: send a comma list of read, write, passthrough"),
    (("keys", "revoke", "7"), {}, "There is no open key 7."),
    (("sync", "7"), {}, "There is no company 7"),
    (("sync", "7", "--model", "ordres"), {}, "ordres is no data model. Known are"),
    (("remap", "--company", "7"), {}, "There is no company 7."),
    (("connectors", "coverage", "nowhere"), {}, "No connector nowhere is installed."),
    (("explain", "ordr"), {}, "ordr is no data model."),
    (("explain", "order.totl"), {}, "order has no field totl. Known are"),
])
def test_what_is_wrong_is_one_sentence(
    home: Path, args: tuple[str, ...], settings: dict[str, str], sentence: str,
) -> None:
    done = entrepot(home, *args, **settings)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "hidden" not in done.stdout + done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
