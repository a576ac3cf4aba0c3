"""The tables around the records, as of revision 0001. Written by entrepot.store.migrations.autogenerate; frozen with it."""

# ruff: noqa: E501
from __future__ import annotations

import sqlalchemy as sa

frozen = sa.MetaData()

sa.Table(
    'change_ranges', frozen,
    sa.Column('company_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('first_seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('last_seq', sa.BigInteger(), nullable=False),
    sa.Column('noun', sa.String(length=32), nullable=False),
    sa.Column('connection_id', sa.BigInteger(), nullable=False),
    sa.Column('cause', sa.String(length=8), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False, comment='rootfi_created_at of every record of the range'),
    sa.Column('first_id', sa.BigInteger(), nullable=False),
    sa.Column('last_id', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('company_id', 'first_seq', name='pk_change_ranges'),
)

sa.Table(
    'changes', frozen,
    sa.Column('company_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('seq', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('noun', sa.String(length=32), nullable=False),
    sa.Column('rootfi_id', sa.BigInteger(), nullable=False),
    sa.Column('connection_id', sa.BigInteger(), nullable=False),
    sa.Column('operation', sa.String(length=8), nullable=False, comment='CREATE UPDATE DELETE'),
    sa.Column('cause', sa.String(length=8), nullable=False, comment='sync write live remap hook'),
    sa.Column('data_hash', sa.LargeBinary(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('previous', sa.LargeBinary(), nullable=True, comment='the replaced document, compressed'),
    sa.PrimaryKeyConstraint('company_id', 'seq', name='pk_changes'),
)

sa.Table(
    'noun_counts', frozen,
    sa.Column('company_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('connection_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('noun', sa.String(length=32), nullable=False),
    sa.Column('environment_id', sa.BigInteger(), nullable=False),
    sa.Column('live', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('deleted', sa.BigInteger(), server_default=sa.text('0'), nullable=False),
    sa.Column('raw_before', sa.BigInteger(), server_default=sa.text('0'), nullable=False, comment='raw payloads of records that last changed before this are gone'),
    sa.PrimaryKeyConstraint('company_id', 'connection_id', 'noun', name='pk_noun_counts'),
)

sa.Table(
    'scan_seen', frozen,
    sa.Column('connection_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('stream', sa.Text(), nullable=False),
    sa.Column('noun', sa.String(length=32), nullable=False),
    sa.Column('generation', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('page', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('company_id', sa.BigInteger(), nullable=False),
    sa.Column('ids', sa.LargeBinary(), nullable=False, comment='rootfi_ids, ascending, 8 bytes each, big-endian'),
    sa.PrimaryKeyConstraint('connection_id', 'stream', 'noun', 'generation', 'page', name='pk_scan_seen'),
)

sa.Table(
    'sequences', frozen,
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('taken', sa.BigInteger(), nullable=False, comment='the last number given; PostgreSQL has a sequence instead'),
    sa.PrimaryKeyConstraint('name', name='pk_sequences'),
)
