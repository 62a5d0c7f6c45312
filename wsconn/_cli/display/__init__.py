"""What a terminal shows while a test runs."""
