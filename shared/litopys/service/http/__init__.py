"""The HTTP interface that every sector has, made from its description: commands, queries, status, receipts, access."""
