"""The steps of revision 0002. Written by entrepot.store.migrations.autogenerate; frozen with it."""

# ruff: noqa: E501
from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def _step_1() -> None:
    op.create_table('call_counts',
    sa.Column('connection_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('minute_at', sa.BigInteger(), nullable=False, comment='beginning of the minute that is counted'),
    sa.Column('minute', sa.Integer(), nullable=False),
    sa.Column('hour_at', sa.BigInteger(), nullable=False),
    sa.Column('hour', sa.Integer(), nullable=False),
    sa.Column('day_at', sa.BigInteger(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('connection_id', name=op.f('pk_call_counts'))
    )


def _step_2() -> None:
    op.create_table('deliveries',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('delivery_id', sa.String(length=36), nullable=False, comment='public, a UUID'),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('environment_id', sa.BigInteger(), nullable=False),
    sa.Column('endpoint_id', sa.BigInteger(), nullable=False),
    sa.Column('event_id', sa.String(length=64), nullable=False, comment='the webhook-id header; the same on every try and replay'),
    sa.Column('type', sa.String(length=32), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=True),
    sa.Column('connection_id', sa.BigInteger(), nullable=True),
    sa.Column('integration_type', sa.Text(), nullable=True),
    sa.Column('data_model', sa.Text(), nullable=True),
    sa.Column('sync_id', sa.String(length=32), nullable=True),
    sa.Column('sequence', sa.BigInteger(), nullable=True),
    sa.Column('record', sa.Text(), nullable=True, comment='what its order is kept within: 12/order:123, endpoint first; null: on its own'),
    sa.Column('body', sa.LargeBinary(), nullable=False, comment='frozen, compressed'),
    sa.Column('state', sa.String(length=16), nullable=False, comment='PENDING DELIVERED FAILED'),
    sa.Column('attempts', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='since it was made or replayed'),
    sa.Column('attempts_ever', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('next_at', sa.BigInteger(), nullable=False),
    sa.Column('last_status', sa.SmallInteger(), nullable=True),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('delivery_id', name=op.f('uq_deliveries_delivery_id'))
    )


def _step_3() -> None:
    op.create_index(op.f('ix_deliveries_company_id'), 'deliveries', ['company_id'], unique=False)


def _step_4() -> None:
    op.create_index('ix_deliveries_due', 'deliveries', ['endpoint_id', 'next_at', 'id'], unique=False, sqlite_where=sa.text("state = 'PENDING'"), postgresql_where=sa.text("state = 'PENDING'"))


def _step_5() -> None:
    op.create_index(op.f('ix_deliveries_endpoint_id_id'), 'deliveries', ['endpoint_id', 'id'], unique=False)


def _step_6() -> None:
    op.create_index(op.f('ix_deliveries_environment_id_id'), 'deliveries', ['environment_id', 'id'], unique=False)


def _step_7() -> None:
    op.create_index('ix_deliveries_failed', 'deliveries', ['endpoint_id', 'id'], unique=False, sqlite_where=sa.text("state = 'FAILED'"), postgresql_where=sa.text("state = 'FAILED'"))


def _step_8() -> None:
    op.create_index('ix_deliveries_record', 'deliveries', ['record', 'id'], unique=False, sqlite_where=sa.text("state = 'PENDING'"), postgresql_where=sa.text("state = 'PENDING'"))


def _step_9() -> None:
    op.create_index('uq_deliveries_event', 'deliveries', ['endpoint_id', 'event_id'], unique=True)


def _step_10() -> None:
    op.create_table('delivery_attempts',
    sa.Column('delivery', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('success', sa.Boolean(), nullable=False),
    sa.Column('status', sa.SmallInteger(), nullable=True, comment='null: no answer came'),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=True, comment='the beginning of what was answered'),
    sa.Column('took_ms', sa.Integer(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('delivery', 'number', name=op.f('pk_delivery_attempts'))
    )


def _step_11() -> None:
    op.create_table('erasures',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('environment_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('connection_id', sa.BigInteger(), nullable=True, comment='null: the whole company'),
    sa.Column('job_id', sa.BigInteger(), nullable=True),
    sa.Column('state', sa.String(length=16), nullable=False, comment='CREATED RUNNING SUCCESS FAILED'),
    sa.Column('removed', sa.Text(), nullable=False, comment='JSON: how many rows of what'),
    sa.Column('total', sa.BigInteger(), server_default=sa.text('0'), nullable=False, comment='records that there were'),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('ended_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
    info={'outlives': 'its company and connection'}
    )


def _step_12() -> None:
    op.create_index(op.f('ix_erasures_company_id'), 'erasures', ['company_id'], unique=False)


def _step_13() -> None:
    op.create_index(op.f('ix_erasures_environment_id_id'), 'erasures', ['environment_id', 'id'], unique=False)


def _step_14() -> None:
    op.create_table('idempotency_keys',
    sa.Column('environment_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('key', sa.String(length=255), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('fingerprint', sa.LargeBinary(), nullable=False, comment='hash of method, path, query and body'),
    sa.Column('state', sa.String(length=8), nullable=False, comment='sent lost accepted done erased; see store/idempotency.py'),
    sa.Column('sync', sa.BigInteger(), nullable=True, comment='syncs.id of a write to a shop'),
    sa.Column('company_id', sa.BigInteger(), nullable=True, comment='whose data the body holds'),
    sa.Column('status', sa.SmallInteger(), nullable=True),
    sa.Column('body', sa.LargeBinary(), nullable=True, comment='compressed'),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('environment_id', 'key', name=op.f('pk_idempotency_keys'))
    )


def _step_15() -> None:
    op.create_index(op.f('ix_idempotency_keys_company_id'), 'idempotency_keys', ['company_id'], unique=False)


def _step_16() -> None:
    op.create_index(op.f('ix_idempotency_keys_created_at'), 'idempotency_keys', ['created_at'], unique=False)


def _step_17() -> None:
    op.create_table('integration_apps',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('environment_id', sa.BigInteger(), nullable=False),
    sa.Column('integration_type', sa.String(length=64), nullable=False),
    sa.Column('client_id', sa.Text(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False, comment='sealed JSON: what is secret of the app'),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_integration_apps'))
    )


def _step_18() -> None:
    op.create_index('uq_integration_apps_type', 'integration_apps', ['environment_id', 'integration_type'], unique=True)


def _step_19() -> None:
    op.create_table('passthrough_calls',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('environment_id', sa.BigInteger(), nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('connection_id', sa.BigInteger(), nullable=False),
    sa.Column('api_key_id', sa.BigInteger(), nullable=True),
    sa.Column('request_id', sa.Text(), nullable=True),
    sa.Column('method', sa.String(length=16), nullable=False),
    sa.Column('path', sa.Text(), nullable=False, comment='without the query, redacted'),
    sa.Column('status', sa.SmallInteger(), nullable=True, comment='null: no answer came'),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('bytes_out', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('bytes_in', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('took_ms', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_passthrough_calls'))
    )


def _step_20() -> None:
    op.create_index(op.f('ix_passthrough_calls_company_id_id'), 'passthrough_calls', ['company_id', 'id'], unique=False)


def _step_21() -> None:
    op.create_index(op.f('ix_passthrough_calls_created_at'), 'passthrough_calls', ['created_at'], unique=False)


def _step_22() -> None:
    op.create_index(op.f('ix_passthrough_calls_environment_id_id'), 'passthrough_calls', ['environment_id', 'id'], unique=False)


def _step_23() -> None:
    op.create_table('sync_defaults',
    sa.Column('environment_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('integration_type', sa.String(length=64), nullable=False),
    sa.Column('noun', sa.String(length=32), nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('enabled', sa.Boolean(), nullable=False),
    sa.Column('frequency', sa.String(length=16), nullable=False),
    sa.Column('interval', sa.Integer(), nullable=False),
    sa.Column('sync_from', sa.Text(), nullable=True),
    sa.Column('scope_access', sa.Text(), nullable=True, comment='JSON {READ, CREATE, UPDATE, DELETE}'),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('environment_id', 'integration_type', 'noun', name=op.f('pk_sync_defaults'))
    )


def _step_24() -> None:
    op.create_table('webhook_cursors',
    sa.Column('endpoint_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('company_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False, comment='the last change of the company that was looked at'),
    sa.PrimaryKeyConstraint('endpoint_id', 'company_id', name=op.f('pk_webhook_cursors'))
    )


def _step_25() -> None:
    op.create_table('webhook_endpoints',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('organisation_id', sa.BigInteger(), nullable=False),
    sa.Column('environment_id', sa.BigInteger(), nullable=False),
    sa.Column('public_id', sa.String(length=32), nullable=False, comment='20 characters: the id that v3 shows'),
    sa.Column('version', sa.String(length=4), nullable=False, comment='v3 v4: whose body is sent'),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('url', sa.Text(), nullable=False),
    sa.Column('types', sa.Text(), nullable=False, comment='JSON list of webhook types'),
    sa.Column('operations', sa.Text(), nullable=False, comment='JSON list; empty: all'),
    sa.Column('data_models', sa.Text(), nullable=False, comment='JSON list of public data models; empty: all'),
    sa.Column('company_ids', sa.Text(), nullable=False, comment='JSON list; empty: all'),
    sa.Column('integration_types', sa.Text(), nullable=False, comment='JSON list; empty: all'),
    sa.Column('headers', sa.LargeBinary(), nullable=False, comment='sealed JSON object: they may hold a password'),
    sa.Column('initial', sa.Boolean(), server_default=sa.true(), nullable=False, comment='whether a first load is told'),
    sa.Column('per_second', sa.Integer(), nullable=True, comment='deliveries; null: as fast as it answers'),
    sa.Column('state', sa.String(length=16), nullable=False, comment='ENABLED DISABLED PAUSED'),
    sa.Column('state_reason', sa.Text(), nullable=True, comment='why it is paused'),
    sa.Column('failing_since', sa.BigInteger(), nullable=True, comment='first failure since the last success'),
    sa.Column('failures', sa.Integer(), server_default=sa.text('0'), nullable=False, comment='tries since then'),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('updated_at', sa.BigInteger(), nullable=False),
    sa.Column('deleted_at', sa.BigInteger(), nullable=True),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('fence', sa.Integer(), server_default=sa.text('0'), nullable=False),
    sa.Column('lease_until', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_endpoints')),
    sa.UniqueConstraint('public_id', name=op.f('uq_webhook_endpoints_public_id'))
    )


def _step_26() -> None:
    op.create_index(op.f('ix_webhook_endpoints_environment_id_id'), 'webhook_endpoints', ['environment_id', 'id'], unique=False)


def _step_27() -> None:
    op.create_table('webhook_secrets',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('endpoint_id', sa.BigInteger(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('created_at', sa.BigInteger(), nullable=False),
    sa.Column('expires_at', sa.BigInteger(), nullable=True, comment='null: the one that signs from now on'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_secrets'))
    )


def _step_28() -> None:
    op.create_index(op.f('ix_webhook_secrets_endpoint_id'), 'webhook_secrets', ['endpoint_id'], unique=False)


def _step_29() -> None:
    op.add_column('api_keys', sa.Column('per_minute', sa.Integer(), nullable=True, comment="requests; null: the installation's limit"))


def _step_30() -> None:
    op.add_column('api_keys', sa.Column('burst', sa.Integer(), nullable=True, comment="requests at once; null: a minute's worth"))


def _step_31() -> None:
    op.add_column('api_keys', sa.Column('rotated_from', sa.BigInteger(), nullable=True, comment='the key that this one takes the place of'))


def _step_32() -> None:
    op.create_index(op.f('ix_api_keys_environment_id_id'), 'api_keys', ['environment_id', 'id'], unique=False)


def _step_33() -> None:
    op.create_index(op.f('ix_api_keys_rotated_from'), 'api_keys', ['rotated_from'], unique=False)


def _step_34() -> None:
    op.add_column('companies', sa.Column('unannounced', sa.Boolean(), server_default=sa.false(), nullable=False, comment='webhooks have not looked at its newest changes'))


def _step_35() -> None:
    op.create_index('ix_companies_deleted', 'companies', ['environment_id'], unique=False, sqlite_where=sa.text('deleted_at IS NOT NULL'), postgresql_where=sa.text('deleted_at IS NOT NULL'))


def _step_36() -> None:
    op.create_index('ix_companies_unannounced', 'companies', ['environment_id'], unique=False, sqlite_where=sa.text('unannounced'), postgresql_where=sa.text('unannounced'))


def _step_37() -> None:
    op.add_column('connections', sa.Column('status_reason', sa.Text(), nullable=True, comment='why it is not healthy, in a sentence for people'))


def _step_38() -> None:
    op.create_index('ix_connections_deleted', 'connections', ['environment_id'], unique=False, sqlite_where=sa.text('deleted_at IS NOT NULL'), postgresql_where=sa.text('deleted_at IS NOT NULL'))


def _step_39() -> None:
    op.create_index('ix_connections_status', 'connections', ['status'], unique=False, sqlite_where=sa.text('deleted_at IS NULL'), postgresql_where=sa.text('deleted_at IS NULL'))


def _step_40() -> None:
    op.add_column('environments', sa.Column('departures', sa.BigInteger(), server_default=sa.text('0'), nullable=False, comment='rises when a company or connection is deleted, and again when its data is gone'))


def _step_41() -> None:
    op.add_column('invite_links', sa.Column('sync_config', sa.Text(), nullable=True, comment='JSON list: the rhythms that a connection made by it begins with'))


def _step_42() -> None:
    op.add_column('invite_links', sa.Column('expires_at', sa.BigInteger(), nullable=True, comment='null: never'))


def _step_43() -> None:
    op.add_column('streams', sa.Column('scanned_from', sa.Text(), nullable=True, comment='ISO time; the marks stand for what was created since; null: for everything'))


def _step_44() -> None:
    op.add_column('sync_configs', sa.Column('scope_access', sa.Text(), nullable=True, comment='JSON {READ, CREATE, UPDATE, DELETE}; null: all that the platform can'))


def _step_45() -> None:
    op.add_column('sync_jobs', sa.Column('sync_from', sa.Text(), nullable=True, comment='ISO time; what was created before it is not read'))


def _step_46() -> None:
    op.add_column('syncs', sa.Column('sync_from', sa.Text(), nullable=True, comment='ISO time that this sync was asked to begin at'))


def _step_47() -> None:
    op.create_index('ix_syncs_unfinished', 'syncs', ['status'], unique=False, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))


STEPS = (_step_1, _step_2, _step_3, _step_4, _step_5, _step_6, _step_7, _step_8, _step_9, _step_10, _step_11, _step_12, _step_13, _step_14, _step_15, _step_16, _step_17, _step_18, _step_19, _step_20, _step_21, _step_22, _step_23, _step_24, _step_25, _step_26, _step_27, _step_28, _step_29, _step_30, _step_31, _step_32, _step_33, _step_34, _step_35, _step_36, _step_37, _step_38, _step_39, _step_40, _step_41, _step_42, _step_43, _step_44, _step_45, _step_46, _step_47,)
"""From revision 0001 to 0002."""
