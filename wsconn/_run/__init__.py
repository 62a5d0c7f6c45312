"""One test from its start to its result: the handle, and the threads behind it."""
