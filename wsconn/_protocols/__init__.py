"""What is spoken on the way, as rules over bytes."""
