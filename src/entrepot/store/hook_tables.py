"""The tables of webhooks out: who is told what, what was made of it, and every attempt.

All times are integers of milliseconds since 1970. All ids come from the installation's one sequence unless said.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
    true,
)

from entrepot.store.metadata import metadata

_ID = BigInteger

webhook_endpoints = Table(
    "webhook_endpoints", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("public_id", String(32), nullable=False, comment="20 characters: the id that v3 shows"),
    Column("version", String(4), nullable=False, comment="v3 v4: whose body is sent"),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("types", Text, nullable=False, comment="JSON list of webhook types"),
    Column("operations", Text, nullable=False, comment="JSON list; empty: all"),
    Column("data_models", Text, nullable=False, comment="JSON list of public data models; empty: all"),
    Column("company_ids", Text, nullable=False, comment="JSON list; empty: all"),
    Column("integration_types", Text, nullable=False, comment="JSON list; empty: all"),
    Column("headers", LargeBinary, nullable=False, comment="sealed JSON object: they may hold a password"),
    Column("initial", Boolean, nullable=False, server_default=true(), comment="whether a first load is told"),
    Column("per_second", Integer, comment="deliveries; null: as fast as it answers"),
    Column("state", String(16), nullable=False, comment="ENABLED DISABLED PAUSED"),
    Column("state_reason", Text, comment="why it is paused"),
    Column("failing_since", BigInteger, comment="first failure since the last success"),
    Column("failures", Integer, nullable=False, server_default=text("0"), comment="tries since then"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    # Who delivers: one process at a time, so that the order of a record's events is kept.
    Column("owner", Text),
    Column("fence", Integer, nullable=False, server_default=text("0")),
    Column("lease_until", BigInteger),
    UniqueConstraint("public_id"),
    Index(None, "environment_id", "id"),
)

webhook_secrets = Table(
    "webhook_secrets", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("endpoint_id", _ID, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, comment="null: the one that signs from now on"),
    Index(None, "endpoint_id"),
)

webhook_cursors = Table(
    "webhook_cursors", metadata,
    Column("endpoint_id", _ID, primary_key=True, autoincrement=False),
    Column("company_id", _ID, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False, comment="the last change of the company that was looked at"),
)

deliveries = Table(
    "deliveries", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("delivery_id", String(36), nullable=False, comment="public, a UUID"),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("endpoint_id", _ID, nullable=False),
    Column("event_id", String(64), nullable=False, comment="the webhook-id header; the same on every try and replay"),
    Column("type", String(32), nullable=False),
    Column("company_id", _ID),
    Column("connection_id", _ID),
    Column("integration_type", Text),
    Column("data_model", Text),
    Column("sync_id", String(32)),
    Column("sequence", BigInteger),
    Column("record", Text, comment="what its order is kept within: 12/order:123, endpoint first; null: on its own"),
    Column("body", LargeBinary, nullable=False, comment="frozen, compressed"),
    Column("state", String(16), nullable=False, comment="PENDING DELIVERED FAILED"),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="since it was made or replayed"),
    Column("attempts_ever", Integer, nullable=False, server_default=text("0")),
    Column("next_at", BigInteger, nullable=False),
    Column("last_status", SmallInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    UniqueConstraint("delivery_id"),
    Index("uq_deliveries_event", "endpoint_id", "event_id", unique=True),
    Index("ix_deliveries_due", "endpoint_id", "next_at", "id", sqlite_where=text("state = 'PENDING'"),
          postgresql_where=text("state = 'PENDING'")),
    # Not with the endpoint before it: of two indexes that begin alike PostgreSQL takes the wrong one while the table is
    # young, and looks through all that waits for each row of it.
    Index("ix_deliveries_record", "record", "id", sqlite_where=text("state = 'PENDING'"),
          postgresql_where=text("state = 'PENDING'")),
    Index("ix_deliveries_failed", "endpoint_id", "id", sqlite_where=text("state = 'FAILED'"),
          postgresql_where=text("state = 'FAILED'")),
    Index(None, "environment_id", "id"),
    Index(None, "endpoint_id", "id"),
    Index(None, "company_id"),
)

delivery_attempts = Table(
    "delivery_attempts", metadata,
    Column("delivery", _ID, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("success", Boolean, nullable=False),
    Column("status", SmallInteger, comment="null: no answer came"),
    Column("error", Text),
    Column("answer", Text, comment="the beginning of what was answered"),
    Column("took_ms", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
)
