"""Webhooks, stored answers, erasures, apps, and what the core's calls need beside what there was."""

from __future__ import annotations

from alembic import op

from entrepot.store.migrations.r0002 import steps

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Tables and columns; keys that could do all can still do all."""
    for step in steps.STEPS:
        step()
    # admin was everything there was; credentials stand apart from now on.
    op.execute("UPDATE api_keys SET scopes = 'admin,credentials,passthrough,read,write' "
               "WHERE ',' || scopes || ',' LIKE '%,admin,%'")


def downgrade() -> None:
    """There is no way back but a backup: what webhooks and erasures did cannot be undone."""
    raise RuntimeError("restore the backup that was made before the upgrade")
