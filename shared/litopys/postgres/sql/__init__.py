"""Plain SQL migrations, one folder for each kind of database; `litopys.postgres.migrations` applies them."""
