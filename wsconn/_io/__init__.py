"""One socket: every wait ends at the deadline or the abort, and every byte is counted."""
