"""What the batching of an import asks of a store, held in memory: rows seen before, and the states of streams."""


class Record(dict):
    """A row of a query: by name, and in order."""

    def __iter__(self):
        return iter(self.values())


class MemoryStore:
    """Answers the batching's queries; `take` writes a batch as one transaction would."""

    def __init__(self):
        self.rows = {}
        self.streams = {}

    async def fetch(self, sql: str, *arguments):
        if "from import_row" in sql:
            register, *keys = arguments
            return [self.rows[register, key] for key in zip(*keys, strict=True) if (register, key) in self.rows]
        assert "from search_entry" not in sql, "no terms are kept here"
        return [self.streams[subject] for subject in arguments[0] if subject in self.streams]

    def take(self, register: str, batch) -> None:
        for key, row in batch.rows.items():
            self.rows[register, key] = Record(key._asdict() | row._asdict())
        for subject, change in batch.changes.items():
            version = change.expected_version + len(change.events)
            self.streams[subject] = Record(subject=subject, version=version, state=change.state, stopped=None)
