"""The validator: checks every record, stores everything, cosigns, and serves what it stored."""
