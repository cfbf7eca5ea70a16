"""Bodies of commands as HTTP takes them, and how each becomes a command of the domain."""
