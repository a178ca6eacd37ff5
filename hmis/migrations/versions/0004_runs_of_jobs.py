"""Runs of jobs. A table that the release before does not know and does not miss."""

import sqlalchemy as sa
from alembic import op

import hmis.core.columns

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "job_runs",
        sa.Column("id", hmis.core.columns.Key(), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("due_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("started_at", hmis.core.columns.Instant(), nullable=False),
        sa.Column("finished_at", hmis.core.columns.Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("host", sa.String(length=64), nullable=False),
        sa.Column("said", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_runs")),
        sa.UniqueConstraint("job", "due_at", name=op.f("uq_job_runs_job_due_at")),
        mysql_charset="utf8mb4",
        mysql_collate="utf8mb4_bin",
        mysql_engine="InnoDB",
    )
    op.create_index("ix_job_runs_started_at", "job_runs", ["started_at"], unique=False)


def downgrade() -> None:
    op.drop_table("job_runs")
