"""Enquiries of visitors."""

import sqlalchemy as sa
from alembic import op

import hmis.core.columns

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "enquiries",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=240), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("facility_name", sa.String(length=240), nullable=True),
        sa.Column("facility_size", sa.String(length=80), nullable=True),
        sa.Column("message", hmis.core.columns.LongText, nullable=True),
        sa.Column("handled_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("handled_by_id", hmis.core.columns.Key(), nullable=True),
        sa.Column("handling_note", sa.String(length=1000), nullable=True),
        sa.Column("created_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("updated_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["handled_by_id"], ["staff.id"], name=op.f("fk_enquiries_handled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_enquiries_handled", "enquiries", ["handled_at", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("enquiries")
