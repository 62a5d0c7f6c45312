"""What the system's own settings say about a PAC file, a file for each kind of system."""
