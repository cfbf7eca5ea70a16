"""Migrations of a validator's database."""
