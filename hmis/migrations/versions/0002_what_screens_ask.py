"""Indexes that tell screens whether anything changed, and whose charts a kept answer shows."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

CHANGES = {
    "visits": "held_on",
    "vital_signs": "taken_at",
    "prescription_progress": "state",
}


def upgrade() -> None:
    for table, first in CHANGES.items():
        op.create_index(f"ix_{table}_changes", table, [first, "updated_at", "version"], unique=False)
    op.add_column("stored_answers", sa.Column("charts", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("stored_answers", "charts")
    for table in CHANGES:
        op.drop_index(f"ix_{table}_changes", table_name=table)
