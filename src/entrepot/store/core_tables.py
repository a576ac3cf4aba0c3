"""The tables of everything that is not a synced record: who may see what, what is to be done, what was done.

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
    false,
    text,
)

from entrepot.store.metadata import metadata

# SQLite gives an INTEGER PRIMARY KEY to integers only, so ids are plain BIGINT keys without autoincrement.
_ID = BigInteger

organisations = Table(
    "organisations", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

environments = Table(
    "environments", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("name", String(16), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("organisation_id", "name"),
)

api_keys = Table(
    "api_keys", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("shown", Text, nullable=False, comment="the first characters, to recognise it by"),
    Column("hash", LargeBinary, nullable=False),
    Column("scopes", Text, nullable=False, comment="comma list: read, write, admin"),
    Column("per_minute", Integer, comment="requests; null: the installation's limit"),
    Column("burst", Integer, comment="requests at once; null: a minute's worth"),
    Column("rotated_from", _ID, comment="the key that this one takes the place of"),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("last_used_at", BigInteger),
    Column("revoked_at", BigInteger),
    UniqueConstraint("hash"),
)

companies = Table(
    "companies", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("name", Text, nullable=False),
    Column("partner_id", Text),
    Column("connections", Integer, nullable=False, server_default=text("0"), comment="ordinals given so far"),
    # The company's counter: seq numbers its changes, clock is its last rootfi_updated_at. One lock order for all:
    # this row first, the records after it.
    Column("seq", BigInteger, nullable=False, server_default=text("0")),
    Column("clock", BigInteger, nullable=False, server_default=text("0")),
    Column("unannounced", Boolean, nullable=False, server_default=false(),
           comment="webhooks have not looked at its newest changes"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    Index(None, "environment_id", "id"),
    Index("ix_companies_unannounced", "environment_id", sqlite_where=text("unannounced"),
          postgresql_where=text("unannounced")),
)

invite_links = Table(
    "invite_links", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("company_id", _ID, nullable=False),
    Column("invite_link_id", String(36), nullable=False),
    Column("integrations", Text, nullable=False, comment="JSON list"),
    Column("integration_categories", Text, nullable=False, comment="JSON list"),
    Column("sync_config", Text, comment="JSON list: the rhythms that a connection made by it begins with"),
    Column("expires_at", BigInteger, comment="null: never"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    UniqueConstraint("invite_link_id"),
    Index(None, "environment_id", "id"),
    Index(None, "company_id"),
)

connections = Table(
    "connections", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("company_id", _ID, nullable=False),
    Column("ordinal", Integer, nullable=False, comment="n of <own id>_<n>; never changes"),
    Column("integration_type", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("status", String(16), nullable=False, comment="HEALTHY PENDING EXPIRED DISCONNECTED"),
    Column("status_reason", Text, comment="why it is not healthy, in a sentence for people"),
    Column("sync_status", String(16), nullable=False, comment="IDLE FETCHING SLEEPING PARSING RUNNING"),
    Column("sync_resume_at", BigInteger),
    Column("last_synced", BigInteger),
    Column("settings", Text, nullable=False, comment="JSON: the form's fields that are not secret, what the probe saw"),
    Column("credentials", LargeBinary, comment="sealed JSON; null when disconnected"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("deleted_at", BigInteger),
    UniqueConstraint("company_id", "ordinal"),
    Index(None, "environment_id", "id"),
)

sync_configs = Table(
    "sync_configs", metadata,
    Column("connection_id", _ID, primary_key=True, autoincrement=False),
    Column("noun", Text, primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("frequency", String(16), nullable=False, comment="MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY NEVER"),
    Column("interval", Integer, nullable=False),
    Column("sync_from", Text, comment="ISO date: nothing created before it is wanted"),
    Column("scope_access", Text, comment="JSON {READ, CREATE, UPDATE, DELETE}; null: all that the platform can"),
    Column("next_run_at", BigInteger),
    Column("updated_at", BigInteger, nullable=False),
    Index(None, "next_run_at"),
)

sync_defaults = Table(
    "sync_defaults", metadata,
    Column("environment_id", _ID, primary_key=True, autoincrement=False),
    Column("integration_type", String(64), primary_key=True),
    Column("noun", String(32), primary_key=True),
    Column("organisation_id", _ID, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("frequency", String(16), nullable=False),
    Column("interval", Integer, nullable=False),
    Column("sync_from", Text),
    Column("scope_access", Text, comment="JSON {READ, CREATE, UPDATE, DELETE}"),
    Column("updated_at", BigInteger, nullable=False),
)

syncs = Table(
    "syncs", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("sync_id", String(32), nullable=False),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("company_id", _ID, nullable=False),
    Column("connection_id", _ID, nullable=False),
    Column("integration_type", Text, nullable=False),
    Column("full_sync", Boolean, nullable=False),
    Column("sync_type", String(16), nullable=False, comment="MANUAL AUTO_SYNC"),
    Column("config_mode", String(16), nullable=False, comment="READ CREATE UPDATE"),
    Column("data_models", Text, nullable=False, comment="JSON list of public data models"),
    Column("sync_from", Text, comment="ISO date that this sync was asked to begin at"),
    Column("status", String(16), nullable=False, comment="CREATED RUNNING SUCCESS FAILED"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    UniqueConstraint("sync_id"),
    Index(None, "environment_id", "id"),
    Index(None, "company_id", "id"),
)

sync_jobs = Table(
    "sync_jobs", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("sync", _ID, nullable=False, comment="syncs.id"),
    Column("job_id", _ID, nullable=False, comment="jobs.id; one durable job does a whole stream"),
    Column("company_id", _ID, nullable=False),
    Column("noun", Text, nullable=False),
    Column("stream", Text, nullable=False),
    Column("job_type", String(8), nullable=False, comment="PULL PUSH"),
    Column("status", String(16), nullable=False),
    Column("announced", BigInteger),
    Column("fetched", BigInteger, nullable=False, server_default=text("0")),
    Column("stored", BigInteger, nullable=False, server_default=text("0")),
    Column("changed", BigInteger, nullable=False, server_default=text("0")),
    Column("same", BigInteger, nullable=False, server_default=text("0")),
    Column("set_aside", BigInteger, nullable=False, server_default=text("0")),
    Column("deleted", BigInteger, nullable=False, server_default=text("0")),
    Column("pages", BigInteger, nullable=False, server_default=text("0")),
    Column("calls", BigInteger, nullable=False, server_default=text("0")),
    Column("bytes_in", BigInteger, nullable=False, server_default=text("0")),
    Column("throttled_ms", BigInteger, nullable=False, server_default=text("0")),
    Column("retries", Integer, nullable=False, server_default=text("0")),
    Column("error", Text, comment="JSON {code, message}"),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Index(None, "sync"),
    Index(None, "job_id"),
)

streams = Table(
    "streams", metadata,
    Column("connection_id", _ID, primary_key=True, autoincrement=False),
    Column("stream", Text, primary_key=True),
    Column("watermark", Text, nullable=False, comment="JSON: what the next incremental read may skip"),
    Column("generation", Integer, nullable=False, server_default=text("0"), comment="number of the last full scan"),
    Column("scanned_at", BigInteger, comment="end of the last complete full scan"),
    Column("read_at", BigInteger, comment="end of the last complete read of any mode"),
    Column("updated_at", BigInteger, nullable=False),
)

jobs = Table(
    "jobs", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("lane", Text, comment="at most one job of a lane runs at a time; null runs beside everything"),
    Column("company_id", _ID),
    Column("connection_id", _ID),
    Column("priority", SmallInteger, nullable=False, comment="smaller first"),
    Column("state", String(16), nullable=False, comment="ready running done failed canceled"),
    Column("run_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0"), comment="in a row without progress"),
    Column("max_attempts", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("checkpoint", Text),
    Column("error", Text),
    Column("owner", Text),
    Column("fence", Integer, nullable=False, server_default=text("0"), comment="rises with every claim"),
    Column("lease_until", BigInteger),
    Column("created_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Index("ix_jobs_ready", "priority", "run_at", "id", sqlite_where=text("state = 'ready'"),
          postgresql_where=text("state = 'ready'")),
    Index("ix_jobs_leased", "lease_until", sqlite_where=text("state = 'running'"),
          postgresql_where=text("state = 'running'")),
    Index("uq_jobs_running_lane", "lane", unique=True, sqlite_where=text("state = 'running' AND lane IS NOT NULL"),
          postgresql_where=text("state = 'running' AND lane IS NOT NULL")),
    Index("ix_jobs_ended", "ended_at", sqlite_where=text("ended_at IS NOT NULL"),
          postgresql_where=text("ended_at IS NOT NULL")),
)

schedules = Table(
    "schedules", metadata,
    Column("name", Text, primary_key=True),
    Column("cron", Text, nullable=False),
    Column("next_run_at", BigInteger, nullable=False),
    Column("last_run_at", BigInteger),
)

operations = Table(
    "operations", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("marker", String(40), nullable=False, comment="travels to the platform"),
    Column("organisation_id", _ID, nullable=False),
    Column("environment_id", _ID, nullable=False),
    Column("company_id", _ID, nullable=False),
    Column("connection_id", _ID, nullable=False),
    Column("sync", _ID, nullable=False, comment="syncs.id"),
    Column("job_id", _ID, nullable=False),
    Column("noun", Text, nullable=False),
    Column("kind", String(8), nullable=False, comment="create update"),
    Column("position", Integer, nullable=False, comment="of the item in the request"),
    Column("target", Text, comment="own id of the record to update"),
    Column("given", Text, nullable=False, comment="JSON list of the fields that were sent"),
    Column("input", Text, nullable=False, comment="JSON of the record, references resolved"),
    Column("extra", Text, nullable=False, comment="JSON of the caller's raw_data"),
    Column("state", String(16), nullable=False, comment="accepted sent done failed"),
    Column("rootfi_id", _ID, comment="the record that came of it"),
    Column("error", Text, comment="JSON {code, message, field, platform_error}"),
    Column("created_at", BigInteger, nullable=False),
    Column("sent_at", BigInteger),
    Column("ended_at", BigInteger),
    UniqueConstraint("marker"),
    Index(None, "sync"),
    Index(None, "job_id"),
    Index(None, "company_id", "id"),
)

strays = Table(
    "strays", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("company_id", _ID, nullable=False),
    Column("connection_id", _ID, nullable=False),
    Column("stream", Text, nullable=False),
    Column("fingerprint", LargeBinary, nullable=False, comment="hash of the row: the same row is set aside once"),
    Column("reason", Text, nullable=False),
    Column("raw", LargeBinary, nullable=False, comment="compressed"),
    Column("sync", _ID),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("last_seen_at", BigInteger, nullable=False),
    UniqueConstraint("connection_id", "stream", "fingerprint"),
)

activity = Table(
    "activity", metadata,
    Column("id", _ID, primary_key=True, autoincrement=False),
    Column("organisation_id", _ID, nullable=False),
    Column("company_id", _ID),
    Column("activity_type", Text, nullable=False),
    Column("detail", Text),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "company_id", "id"),
)
