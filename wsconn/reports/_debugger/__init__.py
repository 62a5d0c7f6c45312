"""What the debugger adds to a report: conclusions, experiments side by side, and held connections."""
