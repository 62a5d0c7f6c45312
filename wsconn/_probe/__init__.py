"""One region from its name to its outcome."""
