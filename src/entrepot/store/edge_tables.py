"""The tables of what goes in and out beside the records: apps, calls, stored answers, and what is being removed.

All times are integers of milliseconds since 1970. All ids come from the installation's one sequence.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, String, Table, Text, text

from entrepot.store.metadata import metadata

_ID = BigInteger

integration_apps = Table(
    "integration_apps", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("integration_type", String(64), nullable=False),
    Column("client_id", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="sealed JSON: what is secret of the app"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("uq_integration_apps_type", "environment_id", "integration_type", unique=True),
)

call_counts = Table(
    "call_counts", metadata,
    Column("connection_id", _ID, primary_key=True, autoincrement=False),
    Column("minute_at", BigInteger, nullable=False, comment="beginning of the minute that is counted"),
    Column("minute", Integer, nullable=False),
    Column("hour_at", BigInteger, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("day_at", BigInteger, nullable=False),
    Column("day", Integer, nullable=False),
)

idempotency_keys = Table(
    "idempotency_keys", metadata,
    Column("environment_id", _ID, primary_key=True, autoincrement=False),
    Column("key", String(255), primary_key=True),
    Column("organisation_id", _ID, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="hash of method, path, query and body"),
    Column("state", String(8), nullable=False, comment="sent lost accepted done erased; see store/idempotency.py"),
    Column("sync", _ID, comment="syncs.id of a write to a shop"),
    Column("company_id", _ID, comment="whose data the body holds"),
    Column("status", SmallInteger),
    Column("body", LargeBinary, comment="compressed"),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "created_at"),
    Index(None, "company_id"),
)

passthrough_calls = Table(
    "passthrough_calls", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("company_id", _ID, nullable=False),
    Column("connection_id", _ID, nullable=False),
    Column("api_key_id", _ID),
    Column("request_id", Text),
    Column("method", String(16), nullable=False),
    Column("path", Text, nullable=False, comment="without the query, redacted"),
    Column("status", SmallInteger, comment="null: no answer came"),
    Column("error", Text),
    Column("bytes_out", BigInteger, nullable=False, server_default=text("0")),
    Column("bytes_in", BigInteger, nullable=False, server_default=text("0")),
    Column("took_ms", Integer, nullable=False, server_default=text("0")),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "environment_id", "id"),
    Index(None, "company_id", "id"),
    Index(None, "created_at"),
)

erasures = Table(
    "erasures", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("company_id", _ID, nullable=False),
    Column("connection_id", _ID, comment="null: the whole company"),
    Column("job_id", _ID),
    Column("state", String(16), nullable=False, comment="CREATED RUNNING SUCCESS FAILED"),
    Column("removed", Text, nullable=False, comment="JSON: how many rows of what"),
    Column("total", BigInteger, nullable=False, server_default=text("0"), comment="records that there were"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index(None, "environment_id", "id"),
    Index(None, "company_id"),
    info={"outlives": "its company and connection"},
)
