"""What Alembic runs: our metadata against the connection it is handed."""

from alembic import context

from hmis.core.migrate import rendered, same_type
from hmis.tables import Row

with context.config.attributes["connection"].begin():
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Row.metadata,
        compare_type=same_type,
        render_item=rendered,
    )
    context.run_migrations()
