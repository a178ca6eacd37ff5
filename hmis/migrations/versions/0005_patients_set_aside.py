"""An index for counting the patients who are not set aside: among a million it read every row."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_index(op.f("ix_patients_set_aside_at"), "patients", ["set_aside_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_patients_set_aside_at"), table_name="patients")
