"""The sealer: batches offsets into hash-linked blocks and signs, for the log, what carries a quorum. No database."""
