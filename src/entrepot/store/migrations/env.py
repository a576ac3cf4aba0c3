"""Alembic's door: always on the connection that :mod:`entrepot.store.migrate` hands over, which holds the lock."""

from __future__ import annotations

from alembic import context

from entrepot.store.all_tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
