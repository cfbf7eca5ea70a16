"""Market intervals: what an hour of electricity cost in a zone. Pure."""
