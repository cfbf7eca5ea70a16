"""Migrations of a sector's database, applied by `litopys.postgres.migrations`."""
