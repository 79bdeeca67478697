"""What Alembic runs: the migrations, on the connection and in the transaction that ``scanner.store.schema`` opened."""

from alembic import context

from scanner.store.schema import is_compared
from scanner.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    include_object=is_compared,
)
with context.begin_transaction():
    context.run_migrations()
