"""From what was seen to a cause, a message and advice."""
