"""Who uses the embedded database: a lock beside the file, which the system drops even after kill -9.

The database itself cannot tell: readers of a WAL file leave no lock while they are idle, and a restore under running
processes would hand out ids twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from entrepot.errors import SetupError


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite address; None for other databases."""
    from sqlalchemy.engine import make_url

    if not url.startswith("sqlite"):
        return None
    name = make_url(url).database
    if not name or name == ":memory:":
        raise SetupError("A SQLite database needs a file: sqlite:////path/to/file, with four slashes.")
    return Path(name)


@contextmanager
def held(url: str) -> Iterator[None]:
    """Say that this process uses the database; several may. SetupError while it is being restored."""
    with _locked(url, exclusive=False):
        yield


@contextmanager
def alone(url: str) -> Iterator[None]:
    """Make sure that no process of Entrepot runs on the database. SetupError when one does."""
    with _locked(url, exclusive=True):
        yield


@contextmanager
def _locked(url: str, *, exclusive: bool) -> Iterator[None]:
    path = sqlite_file(url)
    if path is None:
        yield
        return
    file = _open(path)
    try:
        _lock(file, path, exclusive=exclusive)
        yield
    finally:
        file.close()


def _open(path: Path) -> IO[bytes]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path.with_name(f"{path.name}-in-use").open("ab")
    except OSError as problem:
        raise SetupError(f"{path.parent} cannot be written: {problem.strerror}. Choose another with --home DIR.") \
            from problem


def _lock(file: IO[bytes], path: Path, *, exclusive: bool) -> None:
    try:
        import fcntl
    except ImportError:  # where there is none, the operator must know what runs
        return
    try:
        fcntl.flock(file, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        raise SetupError(f"{path} is in use: stop `entrepot serve`, `worker` or `demo` on it first." if exclusive
                         else f"{path} is being restored; try again in a moment.") from None
