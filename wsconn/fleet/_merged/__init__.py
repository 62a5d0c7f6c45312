"""Reports of many machines, merged: read, kept, weighed, and written in each format."""
