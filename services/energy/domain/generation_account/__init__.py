"""Generation accounts: what a plant put into the grid in one month, and the certificates issued upon it. Pure."""
