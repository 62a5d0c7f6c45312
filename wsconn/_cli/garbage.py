"""No search for garbage while modules are loaded: they hold none, and it takes a fifth of a short command's time.

Python begins one after each few hundred new objects, looks through older ones too, and through all of them once more
when the process ends.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def no_search_for_garbage() -> Iterator[None]:
    """Search for none within the block, nor ever in what is there at its end: so `gc.freeze` is meant."""
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
