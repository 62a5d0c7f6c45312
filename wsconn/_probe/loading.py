"""What only some regions need, loaded by the first one that does."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from wsconn._diagnosis.evidence import NO_DESCRIPTORS, StageFailed, symbol
from wsconn._io.importing import importing
from wsconn._outcome import Cause, Evidence


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import within the block; `StageFailed` where no descriptor is left for that."""
    try:
        with importing:
            yield
    except OSError as error:
        if symbol(error) not in NO_DESCRIPTORS:
            raise
        raise StageFailed(Cause.LOCAL_LIMIT, Evidence(os_error=symbol(error), detail=error.strerror)) from error
