"""A sector small enough to see through: boxes that are opened, filled and emptied. Library tests know no register."""
