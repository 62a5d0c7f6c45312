"""One file for each stage on the way to a region."""
