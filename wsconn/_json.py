"""Reads JSON that came from outside, but nothing that is nested so deep that it may exhaust a thread's stack.

The standard library's reader goes as deep as the brackets do, and the bound at which Python stops it is made for stacks
of 8 MiB. A thread has 128 KiB on musl, and 1 MiB in the image `python:alpine`: there the process would be gone.
"""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

_MOST_DEEP = 100  # brackets within brackets
# Strings, which may hold brackets, and what is no bracket. `re` compiles it when it is first needed.
_BESIDE_BRACKETS = r'(?s)(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[^][{}"]++)++'
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def read_json(text: str | bytes, **options: Any) -> Any:  # noqa: ANN401 - any JSON, and options of `json.loads`
    """Return what `json.loads` does. `RecursionError` where it is nested too deep, as that has it with more stack."""
    import json

    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text), "surrogatepass")  # as `json.loads` does
    check_depth(text)
    return json.loads(text, **options)


def check_depth(text: str) -> None:
    """Raise `RecursionError` if the JSON that `text` begins with is nested deeper than any that is meant."""
    for depth in accumulate(_STEPS[bracket] for bracket in re.sub(_BESIDE_BRACKETS, "", text)):
        if depth > _MOST_DEEP:
            raise RecursionError(f"nested more than {_MOST_DEEP} deep")
        if depth <= 0:  # what stands behind it is not read
            return
