"""wsconn beside what a user would write or install instead, on this machine: `python -m benchmarks`, see README.md."""
