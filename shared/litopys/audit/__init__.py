"""Recomputing a ledger from raw bytes to its cosigned root: a validator's database from within, any from outside.

`outside` and what it uses need the base dependencies alone; `database` and its parts need Postgres.
"""
