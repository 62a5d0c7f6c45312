"""What a PAC file says about the way to a server: a script in JavaScript, and the list that it answers."""

from wsconn._protocols.pac.answer import Way, is_unreadable, shown, ways
from wsconn._protocols.pac.evaluation import PacFailed, evaluate
from wsconn._protocols.pac.sandbox import available
from wsconn._protocols.pac.text import LARGEST_BYTES, decode, is_charset

__all__ = [
    "LARGEST_BYTES",
    "PacFailed",
    "Way",
    "available",
    "decode",
    "evaluate",
    "is_charset",
    "is_unreadable",
    "shown",
    "ways",
]
