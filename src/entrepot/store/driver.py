"""What the two dialects do differently: everything else in the store is one text for both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, Protocol, TypeAlias

from sqlalchemy import Engine

DialectName = Literal["sqlite", "postgresql"]
RowValues: TypeAlias = tuple[Any, ...]
"""One row as the driver gives it; whoever asked knows the columns."""
Params: TypeAlias = Sequence[object]


class Driver(Protocol):
    """The thin layer over one database driver. Statements are written with ``?`` for parameters."""

    @property
    def name(self) -> DialectName:
        """Which one."""

    def engines(self, url: str) -> tuple[Engine, Engine]:
        """Pools for reading (refuses to write) and for writing (a transaction takes the write lock at its start)."""

    def fetch(self, connection: Any, sql: str, params: Params) -> list[RowValues]:
        """Run one statement on the driver's own connection and fetch what it returns."""

    def run_many(self, connection: Any, sql: str, rows: Sequence[Params]) -> None:
        """Run one statement for many rows of parameters."""

    def insert(self, connection: Any, table: str, columns: Sequence[str], types: Sequence[str],
               rows: Iterable[Params]) -> None:
        """Insert new rows the fast way while ``rows`` is being made; ``types`` are PostgreSQL's names of types."""

    def one_of(self, column: str, kind: Literal["text", "bigint"]) -> str:
        """SQL: the column's value is in a list given by one parameter made with :meth:`listed`."""

    def listed(self, values: Iterable[str] | Iterable[int]) -> object:
        """A list as one parameter."""

    def as_bytes(self, column: str) -> str:
        """SQL: a text column as UTF-8 bytes, so that nobody decodes what is only passed on."""

    def joined(self, column: str) -> str | None:
        """SQL: the texts of all rows with commas between, as UTF-8 bytes; None where rows one by one are faster."""

    def extracted(self, kind: str, name: str) -> str:
        """SQL: a field of the JSON ``document``, typed and scaled as a column of that kind would be; no parameters."""

    def contains(self, expression: str) -> str:
        """SQL: a text holds the parameter, ASCII letters compared without case; the parameter is in lower case."""

    def collated(self, expression: str) -> str:
        """SQL: a text expression that compares by bytes."""
