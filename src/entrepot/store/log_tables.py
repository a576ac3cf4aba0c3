"""The tables around the records: what changed, how many there are, what a scan has seen, the ids given so far."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, String, Table, Text, text

from entrepot.store.metadata import metadata

changes = Table(
    "changes", metadata,
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("noun", String(32), nullable=False),
    Column("rootfi_id", BigInteger, nullable=False),
    Column("connection_id", BigInteger, nullable=False),
    Column("operation", String(8), nullable=False, comment="CREATE UPDATE DELETE"),
    Column("cause", String(8), nullable=False, comment="sync write live remap hook"),
    Column("data_hash", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("previous", LargeBinary, comment="the replaced document, compressed"),
)

change_ranges = Table(
    "change_ranges", metadata,
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("noun", String(32), nullable=False),
    Column("connection_id", BigInteger, nullable=False),
    Column("cause", String(8), nullable=False),
    Column("at", BigInteger, nullable=False, comment="rootfi_created_at of every record of the range"),
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
)

noun_counts = Table(
    "noun_counts", metadata,
    Column("company_id", BigInteger, primary_key=True, autoincrement=False),
    Column("connection_id", BigInteger, primary_key=True, autoincrement=False),
    Column("noun", String(32), primary_key=True),
    Column("environment_id", BigInteger, nullable=False),
    Column("live", BigInteger, nullable=False, server_default=text("0")),
    Column("deleted", BigInteger, nullable=False, server_default=text("0")),
    Column("raw_before", BigInteger, nullable=False, server_default=text("0"),
           comment="raw payloads of records that last changed before this are gone"),
)

scan_seen = Table(
    "scan_seen", metadata,
    Column("connection_id", BigInteger, primary_key=True, autoincrement=False),
    Column("stream", Text, primary_key=True),
    Column("noun", String(32), primary_key=True),
    Column("generation", Integer, primary_key=True, autoincrement=False),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("company_id", BigInteger, nullable=False),
    Column("ids", LargeBinary, nullable=False, comment="rootfi_ids, ascending, 8 bytes each, big-endian"),
)

sequences = Table(
    "sequences", metadata,
    Column("name", String(32), primary_key=True),
    Column("taken", BigInteger, nullable=False, comment="the last number given; PostgreSQL has a sequence instead"),
)
