"""Other systems than the one that the suite runs on: `python -m tests.systems NAME` sets one up here and tries it."""
