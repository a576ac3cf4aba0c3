"""Where a bench lives: folder, port, database; and how it says that something went wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

ADMIN_EMAIL, ADMIN_PASSWORD = "owner@example.test", "supersecret"
_TAIL = 25


class BenchError(Exception):
    """A step of the bench failed; the message ends with what its log ended with."""


@dataclass(frozen=True)
class Place:
    """One bench. Several can share the packages of a home when their ports and databases differ."""

    home: Path
    port: int
    postgres: str
    """The server, as ``postgres://user@host:port``."""
    database: str
    orders: int

    @classmethod
    def of_environment(cls) -> Place:
        """As the environment says, else as the package's docstring does."""
        setting = os.environ.get
        postgres = setting("MEDUSA_PG") or setting("ENTREPOT_TEST_POSTGRES") or "postgres://postgres@127.0.0.1:5432"
        return cls(
            home=Path(setting("MEDUSA_HOME", "~/.cache/medusa-bench")).expanduser(),
            port=int(setting("MEDUSA_PORT", "19180")),
            postgres=postgres.replace("postgresql://", "postgres://", 1).rstrip("/"),
            database=setting("MEDUSA_DB", "ent_medusa_bench"),
            orders=int(setting("SEED_ORDERS", "120")),
        )

    @property
    def url(self) -> str:
        """Where the shop answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def database_url(self) -> str:
        """What the shop writes to."""
        return f"{self.postgres}/{self.database}"

    def file(self, name: str) -> Path:
        """A file of this bench alone: ``server-19180.log``."""
        stem, _, suffix = name.rpartition(".")
        return self.home / f"{stem}-{self.port}.{suffix}"

    def environment(self) -> dict[str, str]:
        """What Medusa's programs are started with."""
        return {
            **os.environ, "DATABASE_URL": self.database_url, "NODE_ENV": "development", "CI": "true",
            "MEDUSA_DISABLE_TELEMETRY": "true", "NO_UPDATE_NOTIFIER": "1",
        }


def tail(log: Path) -> str:
    """The last lines of a log, for an error message."""
    if not log.is_file():
        return f"{log} was not written"
    lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
    return "\n".join([f"{log} ends with:", *lines])
