"""The task list: what waits for the person, what is due first, and claiming from the row."""
