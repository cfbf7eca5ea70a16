"""Moving existing registers onto the ledger: from a file's rows to events, resumable, with a report of every row."""
