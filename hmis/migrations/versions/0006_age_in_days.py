"""Whether a day of birth was reckoned from an age in days or weeks; of patients before, nobody said so."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("patients", sa.Column("born_about", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("patients", "born_about")
