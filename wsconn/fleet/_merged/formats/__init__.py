"""What a fleet's report is written as, one format a file."""
