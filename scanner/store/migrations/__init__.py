"""Alembic's folder, inside the package so that an installed wheel can make and renew its database."""
