"""What Delist knows, in a database: SQLite where nothing is said, PostgreSQL where several work together."""

from scanner.store.store import Store, Transaction

__all__ = ["Store", "Transaction"]
