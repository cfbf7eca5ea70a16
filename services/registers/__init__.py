"""State registers and land titles."""
