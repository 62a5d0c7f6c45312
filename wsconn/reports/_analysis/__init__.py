"""What a result shows, before any format writes it down."""
