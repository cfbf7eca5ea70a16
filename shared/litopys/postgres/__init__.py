"""Everything that speaks to Postgres: pools, migrations, the sectors' event store and the validators' ledger store."""
