"""Bodies of commands as HTTP takes them: the parts and the commands that every aggregate has."""
