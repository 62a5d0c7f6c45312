"""Many machines, one picture: what checks on several hosts and over time say together."""
