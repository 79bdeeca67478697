"""``python -m scanner.cli``: the same as ``delist``."""

from scanner.cli import main

main()
